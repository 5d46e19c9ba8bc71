"""What explanations of clinical series are of: the measurements and notes of an entity."""
