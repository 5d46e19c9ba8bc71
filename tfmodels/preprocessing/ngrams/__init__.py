"""N-grams of characters and words as numbers."""
