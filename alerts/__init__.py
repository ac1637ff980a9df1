"""From stored findings to a message somebody reads."""
