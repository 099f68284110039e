"""What a person sees: a file for the desk, one for sending, as the commands are."""
