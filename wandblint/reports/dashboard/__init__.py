"""The reports of `charts` and `audit` on predicted and recorded dashboards. May import all of `reports`."""
