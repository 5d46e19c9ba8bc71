"""Readers of questions and the contexts that answer them."""
