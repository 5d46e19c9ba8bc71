"""What `tfmodels benchmark` measures, a module for each subject."""
