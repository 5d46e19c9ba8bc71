"""Attention: multi-head, additive and dot-product, pooling, and what decoding needs of it."""
