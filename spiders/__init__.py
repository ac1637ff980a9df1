"""One class a kind of source, and what they need to choose links."""
