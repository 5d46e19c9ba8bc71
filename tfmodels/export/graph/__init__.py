"""The graph of an export: endpoints, signatures, operations, sample rows."""
