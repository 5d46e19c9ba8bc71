"""Readers of data: each gives the pairs, rows or events of one kind of place, split by split."""
