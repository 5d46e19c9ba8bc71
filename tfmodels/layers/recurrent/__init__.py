"""LSTMs: one layer, both directions, stacks, compiled loops."""
