"""Series of other data than a run was prepared from."""
