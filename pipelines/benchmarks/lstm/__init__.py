"""The benchmark of LSTM layers."""
