"""What is next, by counting and by linear models: the baselines of recommendation, and how items are ranked."""
