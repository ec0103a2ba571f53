"""`import brownout.locust` in a locustfile: open-loop load, load shapes, recorder, and run folder.

Works with any users. `OneTryUser` is a FastHttpUser whose failures all show; see brownout_loadtest.user.
"""

from brownout_loadtest import plugin
from brownout_loadtest.user import OneTryUser

__all__ = ["OneTryUser"]

plugin.install()
