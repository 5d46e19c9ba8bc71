"""Notes as a modality of clinical series: prepared, batched, and read in the graph."""
