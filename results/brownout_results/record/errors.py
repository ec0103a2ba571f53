"""What can be wrong with a run folder."""


class RunFolderError(Exception):
    """A run folder that can't be made or read; the message is a sentence for the user."""
