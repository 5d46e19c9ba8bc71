"""The batch sizes that TensorFlow Serving is configured with for exports of this package."""

# In rows, ascending: a batch is padded to the next size; the last one is the maximum.
ALLOWED_BATCH_SIZES = (1, 2, 4, 8, 16, 32)
