"""Ensembles: several runs of one task exported as one model."""
