"""`python -m brownout_fleet`: see process.py."""

import sys

import uvloop

from brownout_fleet.make_fleet import make_fleet, stable_ports
from brownout_fleet.process import main

sys.exit(uvloop.run(main(make_fleet, stable_ports)))
