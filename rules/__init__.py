"""The built-in rule pack: each rule is a module and a page with the same name."""
