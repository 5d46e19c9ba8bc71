"""Readers of TensorFlow Datasets."""
