"""Progress bars, and imports of TensorFlow without log messages."""
