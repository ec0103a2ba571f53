"""The commands: click declarations, and nothing of what they do."""
