"""The commands, one module per verb: options and help. Each imports its workflow when it is invoked."""
