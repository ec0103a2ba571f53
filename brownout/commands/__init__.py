"""The commands as they are typed: their options, and calls of what does the work.

A command is imported when it is used: that of another one, and the list of all of them, need not wait for it.
"""

from typing import NamedTuple


class CommandEntry(NamedTuple):
    """A command's place in `brownout --help`."""

    module: str
    """The module of this package that has it in its COMMANDS."""
    line: str
    """What it does, in a line that fits beside its name."""


COMMANDS = {
    "compare": CommandEntry("compare", "Compare runs, or the phases of one run."),
    "compare-policies": CommandEntry("compare_policies", "Run the same experiment under each policy."),
    "completion": CommandEntry("completion", "Print a script that completes commands in a shell."),
    "config": CommandEntry("project", "Print what brownout.toml says, and from where."),
    "demo": CommandEntry("up", "Run a brownout and a pod kill, without and with a policy."),
    "doctor": CommandEntry("up", "Check what each kind of fleet needs."),
    "faults": CommandEntry("panel", "Set, clear and show the faults of the backends."),
    "forward": CommandEntry("forward", "Forward a local port to the pods of a service."),
    "init": CommandEntry("project", "Write brownout.toml for a service of your own."),
    "kill": CommandEntry("panel", "Kill a replica abruptly."),
    "mark": CommandEntry("panel", "Mark the beginning of a phase of the run."),
    "pin": CommandEntry("report", "Save a run's figures as a baseline for thresholds."),
    "policy": CommandEntry("panel", "Show or set the policy of the clients."),
    "report": CommandEntry("report", "Make the report of a run, or of Locust's own files."),
    "run": CommandEntry("run", "Run a load, record it, and check it against thresholds."),
    "selftest": CommandEntry("selftest", "Disturb brownout itself, and check what it reports."),
    "up": CommandEntry("up", "Start the services and Locust's web UI."),
    "worker": CommandEntry("cluster", "Make load for a Locust master that runs elsewhere."),
    "workers": CommandEntry("cluster", "Show or set the number of workers in the cluster."),
}
HIDDEN = {"agent": "cluster"}
"""What the harness itself runs in a cluster; in no list."""
