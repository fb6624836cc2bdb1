"""`wandblint scan`: many projects, each in its own process or as a task of a Dask cluster."""
