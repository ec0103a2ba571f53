"""Processes of a session of pytest, beside pytest's own: they import neither pytest nor its plugin."""
