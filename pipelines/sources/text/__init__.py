"""Readers of parallel text and of labelled text."""
