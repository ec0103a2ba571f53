"""Actions for Chaos Toolkit experiments: set and clear faults, kill a replica, change policy and load."""

from brownout_chaos.actions import (
    clear_faults,
    kill_replica,
    mark_phase,
    restore_load,
    restore_policy,
    set_faults,
    set_load,
    set_policy,
)

__all__ = [
    "clear_faults",
    "kill_replica",
    "mark_phase",
    "restore_load",
    "restore_policy",
    "set_faults",
    "set_load",
    "set_policy",
]
