"""Clients of a model server over REST and gRPC, and a load generator."""
