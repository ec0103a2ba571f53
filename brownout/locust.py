"""`import brownout.locust` in a locustfile: open-loop load, load shapes, recorder, and run folder.

Works with any users. `LeanHttpUser` does what a FastHttpUser does, for a fraction of its time;
users that share `ConnectionPools` share connections. `OneTryUser` is a FastHttpUser that repeats no request.
"""

from brownout_loadtest import plugin
from brownout_loadtest.lean import ConnectionPools, LeanHttpUser
from brownout_loadtest.user import OneTryUser

__all__ = ["ConnectionPools", "LeanHttpUser", "OneTryUser"]

plugin.install()
