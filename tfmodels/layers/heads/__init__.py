"""The last layers of a model: distributions of forecasts, and corrections learnt on validation data."""
