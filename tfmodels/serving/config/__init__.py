"""The configuration files of TensorFlow Serving: what they hold, reading them and writing them."""
