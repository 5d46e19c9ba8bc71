"""The last layers of a model: forecast distributions, and calibration on validation data."""
