"""Tracking: turns calls and attribute reads of wandb into the events of the model.

Imports `interpreter` and the packages below it; `driver` registers its handlers.
"""
