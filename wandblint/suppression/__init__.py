"""Which findings are not reported: suppression comments and the baseline.

Imports `app`, `findings` and `sources`.
"""
