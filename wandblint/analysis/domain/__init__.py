"""Abstract values, scopes, the heap and the lattice. Imports no other part of the analysis."""
