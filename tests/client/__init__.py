"""Tests of the client service."""
