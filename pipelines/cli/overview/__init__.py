"""Subcommands that show what is there."""
