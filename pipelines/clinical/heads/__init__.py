"""What clinical series predict: a risk of two classes, one of several classes, or a number with intervals."""
