"""`python -m brownout_fleet.proxy`: listens as its standard input says, and ends with it."""

import sys

from brownout_fleet.proxy.serving import main

sys.exit(main())
