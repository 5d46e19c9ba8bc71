"""Networks that read irregular measurements: one class a family, with the same inputs and outputs."""
