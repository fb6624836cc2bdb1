"""The dashboard: charts predicted from the model, recorded runs, and their comparison.

Imports `model` and `semantics`; `statistics` also uses `analysis/project`.
"""
