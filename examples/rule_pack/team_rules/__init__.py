"""The rules of one team."""
