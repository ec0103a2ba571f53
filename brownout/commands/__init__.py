"""The commands as they are typed: their options, and calls of what does the work.

A command is imported when it is used: that of another one, and the list of all of them, need not wait for it.
"""

from typing import NamedTuple


class Listed(NamedTuple):
    """A command's place in `brownout --help`."""

    module: str
    """The module of this package that has it in its COMMANDS."""
    line: str
    """What it does, in a line that fits beside its name."""


COMMANDS = {
    "compare": Listed("compare", "Compare runs, or the phases of one run."),
    "compare-policies": Listed("compare_policies", "Run the same experiment under each policy."),
    "demo": Listed("up", "Run a brownout and a pod kill, without and with a policy."),
    "doctor": Listed("up", "Check what each kind of fleet needs."),
    "faults": Listed("panel", "Set, clear and show the faults of the backends."),
    "forward": Listed("forward", "Forward a local port to the pods of a service."),
    "kill": Listed("panel", "Kill a replica abruptly."),
    "mark": Listed("panel", "Mark the beginning of a phase of the run."),
    "pin": Listed("report", "Save a run's figures as a baseline for thresholds."),
    "policy": Listed("panel", "Show or set the policy of the clients."),
    "report": Listed("report", "Make the report of a run, or of Locust's own files."),
    "run": Listed("run", "Run a load, record it, and check it against thresholds."),
    "selftest": Listed("selftest", "Disturb brownout itself, and check what it reports."),
    "up": Listed("up", "Start the services and Locust's web UI."),
    "worker": Listed("cluster", "Make load for a Locust master that runs elsewhere."),
    "workers": Listed("cluster", "Show or set the number of workers in the cluster."),
}
HIDDEN = {"agent": "cluster"}
"""What the harness itself runs in a cluster; in no list."""
