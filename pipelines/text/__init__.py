"""Vocabulary and inputs that text tasks share."""
