"""What tasks from text to text share: data, generator, training, report."""
