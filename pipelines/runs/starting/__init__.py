"""What happens to a run before its first step."""
