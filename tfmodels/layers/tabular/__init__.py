"""Fitted models of tables as layers, which networks start from."""
