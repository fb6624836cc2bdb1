"""The workflows of the commands: they take parsed options, print a report and return the exit code."""
