"""What the parts of a data set are called."""

SPLITS = ("train", "validation", "test")  # in the order of time, where there is one
SPLIT_OF = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
}
