"""Figures of risks of entities: explanations over time, groups, decisions."""
