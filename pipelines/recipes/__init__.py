"""Configurations with known scores; `tfmodels recipes` lists them."""
