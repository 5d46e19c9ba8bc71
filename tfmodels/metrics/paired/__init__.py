"""Metrics computed from numbers of each row, so that models can be compared on the same rows."""
