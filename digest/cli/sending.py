"""The commands that send an issue and tell what became of it."""
