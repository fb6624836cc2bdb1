"""Effects: what a call may change or log, whether it is run, deferred, not followed or not seen at all.

Imports `objects` and below.
"""
