"""Tests that run under Locust's patches; see __main__.py of the folder above."""
