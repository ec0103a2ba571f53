"""Error for files that cannot be read as Locust's."""


class LocustCsvError(Exception):
    """A sentence: which file (and line), what is wrong, what to do."""
