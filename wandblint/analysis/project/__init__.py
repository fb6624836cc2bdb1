"""What the files of a project say without being run: imports, module slices, call graph, ranks, positions.

Imports only `domain` of the analysis.
"""
