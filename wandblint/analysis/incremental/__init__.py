"""Results of entry points that later runs restore, and their invalidation. Imports `state` and below."""
