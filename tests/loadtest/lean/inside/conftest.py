"""Of the fixtures of all tests, the one that works under Locust's patches."""

from tests.conftest import nothing_left_behind

__all__ = ["nothing_left_behind"]
