"""Progress bars, and quiet imports of TensorFlow."""
