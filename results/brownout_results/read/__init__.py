"""Runs as they are on the disk: run folders, and the files that Locust writes itself."""
