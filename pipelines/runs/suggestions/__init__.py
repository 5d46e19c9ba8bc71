"""What was meant by an unknown option."""
