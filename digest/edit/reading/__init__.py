"""From a document to what it says: the parts of edit/read.py."""
