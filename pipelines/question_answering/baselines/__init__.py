"""Baselines of question answering, which see nothing of the answers that they are compared on."""
