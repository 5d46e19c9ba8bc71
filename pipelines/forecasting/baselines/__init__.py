"""Baselines of forecasting."""
