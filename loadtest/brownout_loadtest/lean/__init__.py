"""A Locust user at a fraction of FastHttpUser's cost: gevent's loop, llhttp's parser, one try a request."""

from brownout_loadtest.lean.pools import ConnectionPools
from brownout_loadtest.lean.session import LeanHttpSession
from brownout_loadtest.lean.user import LeanHttpUser

__all__ = ["ConnectionPools", "LeanHttpSession", "LeanHttpUser"]
