"""`python -m services.fleet`: see process.py."""

import sys

import uvloop

from services.fleet.process import main

sys.exit(uvloop.run(main()))
