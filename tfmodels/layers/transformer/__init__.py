"""The encoder and decoder layers of a Transformer and their position-wise network."""
