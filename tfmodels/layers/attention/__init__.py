"""Attention: multi-head, additive, dot-product and pooling, and what decoding needs from them."""
