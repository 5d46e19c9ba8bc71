"""The batches that TensorFlow Serving makes of the requests to our exports."""

# Rows of a batch: one that is between two sizes is filled up to the larger. The last is the most that one batch has.
ALLOWED_BATCH_SIZES = (1, 2, 4, 8, 16, 32)
