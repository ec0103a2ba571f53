"""Tests of brownout.toml."""
