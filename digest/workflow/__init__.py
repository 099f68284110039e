"""What each command does, as a recipe: one file a command. The sole owner of order; all else takes values and returns values."""
