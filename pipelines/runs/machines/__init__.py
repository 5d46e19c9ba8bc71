"""Training of a run by several machines."""
