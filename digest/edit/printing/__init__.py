"""From an issue to a page and a text: the parts of edit/render.py."""
