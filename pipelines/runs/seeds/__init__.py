"""Runs that differ in their seed alone."""
