"""What happens during a training: evaluation, progress, event files."""
