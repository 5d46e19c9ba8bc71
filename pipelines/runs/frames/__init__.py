"""Data frames: what users have in pandas, Arrow or polars, to train on and to answer in kind."""
