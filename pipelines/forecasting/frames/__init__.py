"""Data frames of series: forecasts of them, and what a data scientist does with a forecaster in Python."""
