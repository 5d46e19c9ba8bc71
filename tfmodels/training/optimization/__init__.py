"""Losses, optimizers, learning-rate schedules, weight averages, precision."""
