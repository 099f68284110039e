"""How mail leaves: one file a transport, all behind the Protocol in transport.py."""
