"""LSTMs: single, bidirectional, stacked, and with loops compiled by XLA."""
