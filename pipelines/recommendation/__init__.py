"""Recommendation: the next items from what somebody had before."""
