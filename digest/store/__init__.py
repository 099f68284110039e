"""What a newsroom keeps: its stories in a database, its issues as plain files."""
