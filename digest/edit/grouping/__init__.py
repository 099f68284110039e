"""From stories to events, themes and their names: the parts of edit/group.py."""
