"""What a training does with its table: chosen by the data, and checked before it starts."""
