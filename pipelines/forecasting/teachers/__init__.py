"""Forecasts of a teacher that a run is trained on."""
