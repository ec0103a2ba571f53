"""Containers on a real Docker engine; `pytest -m docker` after `make images`."""
