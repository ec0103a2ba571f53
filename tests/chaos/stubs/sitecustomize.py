"""On PYTHONPATH this makes the local fleet's kill do nothing and say that it did: the harness must notice."""

import sys

if "brownout_fleet" in sys.orig_argv:
    from brownout_fleet.local import LocalFleet

    async def spare(self: LocalFleet, name: str) -> object:
        """Say that it was killed."""
        return next(one for one in self.replicas() if one.name == name)

    LocalFleet.kill = spare  # type: ignore[assignment,method-assign]  # the stub's purpose
