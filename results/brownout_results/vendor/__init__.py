"""Libraries of others for pages in a browser, each with its version and licence beside it."""

from pathlib import Path

FOLDER = Path(__file__).parent
