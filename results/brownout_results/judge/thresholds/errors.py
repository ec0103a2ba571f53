"""What can be wrong with a threshold's text."""


class ThresholdError(ValueError):
    """A text that is no threshold; the message quotes it, and says where it stops making sense, what is
    allowed there, and how one looks."""
