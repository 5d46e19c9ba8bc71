"""The `tfmodels` command, a module for each subcommand."""
