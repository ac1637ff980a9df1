"""Records and errors every layer speaks in; imports nothing of ours."""
