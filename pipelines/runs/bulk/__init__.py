"""Predictions for files of any length: in chunks of rows, each answered once, by one process or by many."""
