"""The graph of an export: signatures, fields and rows, ops that are reached, compact weights."""
