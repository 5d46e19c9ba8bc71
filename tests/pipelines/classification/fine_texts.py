"""Texts whose first letter tells the label."""

TEXTS = [f"{word} {number}" for number in range(12) for word in ("fine", "dull")]
