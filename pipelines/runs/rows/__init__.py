"""Rows to predict: those that Python code has at hand, and files of them."""
