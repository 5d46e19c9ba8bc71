"""The `tfmodels` command, one module for each subcommand."""
