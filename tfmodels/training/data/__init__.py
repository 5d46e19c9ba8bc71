"""Training data as batches: rows of tokens, windows of series, their order and shapes."""
