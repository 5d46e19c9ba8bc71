"""The benchmark of a server under load."""
