"""Search for options: a study of trials, each of them a run."""
