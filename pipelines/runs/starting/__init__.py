"""What happens to the folder of a run before its first step."""
