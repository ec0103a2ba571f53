"""Tests of the panel's page in a real browser."""
