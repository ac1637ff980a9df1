"""The commands, a module a subject; each is imported when it is called."""
