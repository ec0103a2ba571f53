"""Benchmarks: each compares both sides in one run and prints ratios, since machines differ and are shared."""
