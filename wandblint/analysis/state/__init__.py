"""The state of an abstract run: events, budget, modules, queries. Imports `project` and `domain`."""
