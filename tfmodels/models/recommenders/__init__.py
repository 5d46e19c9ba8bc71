"""Networks that recommend the next item of a sequence."""
