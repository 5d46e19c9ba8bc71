"""Text pairs and labelled text."""
