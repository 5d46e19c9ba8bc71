"""Completion of the `tfmodels` command in a shell."""
