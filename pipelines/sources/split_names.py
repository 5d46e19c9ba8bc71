"""The names of the splits of a data set, and the names that files and data sets use for them."""

OTHER = "other"  # in place of a split: all rows of other data than was prepared
SPLITS = ("train", "validation", "test")  # in the order of time, if the data has one
SPLIT_OF = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
}
