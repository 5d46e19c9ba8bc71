"""The devices that train: distribution strategy, memory, child processes."""
