"""The built-in rule pack of wandblint: one rule is two files of one name, a module and its page."""
