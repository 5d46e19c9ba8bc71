"""Networks that find the answer to a question in a context."""
