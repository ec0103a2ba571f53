"""What a run comes to, in the terminal: figures, causes, thresholds, and where the folder is."""
