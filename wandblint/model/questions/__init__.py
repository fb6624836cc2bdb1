"""The questions that rules ask of the model: what certainly goes wrong, and what a report has to name.

Each module answers questions about one kind of mistake, from events alone. `wandblint.model` has them all.
"""
