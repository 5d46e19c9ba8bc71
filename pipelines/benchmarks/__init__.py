"""The benchmarks of `tfmodels benchmark`, one module each."""
