"""Checks of a SavedModel."""
