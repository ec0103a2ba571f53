"""Figures of a run, of its phases and endpoints, and how uncertain each figure is."""
