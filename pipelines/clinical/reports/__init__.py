"""The report of risks: scores beside baselines, tables, figures."""
