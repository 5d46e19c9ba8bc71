"""Risks of entities that are measured at irregular times: aggregates, baselines, scores, thresholds and groups."""
