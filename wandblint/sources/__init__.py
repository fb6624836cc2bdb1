"""The files of a project: discovery, text, notebooks, suppression comments, the required wandb version.

May import `semantics`, `findings`, `facts` and what lies below; it never parses Python.
"""
