"""The token of the stand; apart from it, since importing the stand patches the process."""

TOKEN = "stand"
