"""Files of checkpoints: written whole, judged before they are read."""
