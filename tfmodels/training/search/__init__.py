"""Searches before a training: batch budget, learning rate."""
