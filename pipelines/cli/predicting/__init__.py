"""`tfmodels predict`: its options, where rows come from, what is asked, and where answers go."""
