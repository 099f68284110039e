"""Bring the world in: every source gives documents, and says so when it cannot. One file a kind of source."""
