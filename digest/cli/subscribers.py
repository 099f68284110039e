"""The commands that keep the subscribers."""
