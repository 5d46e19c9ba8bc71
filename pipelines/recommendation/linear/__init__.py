"""The linear part of a recommender: fitted, read, and mixed with the network."""
