"""How timestamps are written, and the local time that they mean."""
