"""Running an export: in a TF1 session, or through TensorFlow's C library."""
