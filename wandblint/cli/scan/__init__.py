"""The executors of `wandblint scan`: a process per project here, or a task per project on a Dask cluster."""
