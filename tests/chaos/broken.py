"""A module of somebody's that can't be imported."""

raise RuntimeError("half written")
