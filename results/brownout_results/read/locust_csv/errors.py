"""What a user is told when files can't be read as Locust's."""


class LocustCsvError(Exception):
    """A sentence: which file (and line), what is wrong, what to do."""
