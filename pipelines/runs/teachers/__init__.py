"""Teachers: exports whose answers a run is trained on."""
