"""`python -m services.fleet`: see process.py."""

import sys

import uvloop

from services.fleet.kinds import make_fleet
from services.fleet.process import main

sys.exit(uvloop.run(main(make_fleet)))
