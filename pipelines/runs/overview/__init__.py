"""Runs side by side: a list of all of them, with scores, options that differ and exports."""
