"""Reports: how they are shown, and those of exports."""
