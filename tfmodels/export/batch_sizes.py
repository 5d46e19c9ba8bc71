"""What TensorFlow Serving is configured with to batch the requests to exports of this package."""

# In rows, ascending: a batch is padded to the next size; the last one is the maximum.
ALLOWED_BATCH_SIZES = (1, 2, 4, 8, 16, 32)
# The one endpoint whose time axis may stay open; TensorFlow Serving cannot batch its requests.
ANY_LENGTH = "any_length"
