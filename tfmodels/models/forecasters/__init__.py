"""Forecasters of time series, one family a file."""
