"""Environment variables that rooms have in common."""

PANEL, PANEL_TOKEN = "BROWNOUT_PANEL", "BROWNOUT_PANEL_TOKEN"
"""The URL of the control panel, and the run's token."""

STATE_DIR = "BROWNOUT_STATE_DIR"
"""Folder in which running panels note where they are."""

EXPERIMENTS = "BROWNOUT_EXPERIMENTS"
"""Experiment files of the user's that the page offers, separated like the folders of PATH."""

CHECKED_EXPERIMENT = "BROWNOUT_CHECKED_EXPERIMENT"
"""File with the experiment that `brownout run` has read and checked, as the process that runs it takes it."""

TESTED = "BROWNOUT_TESTED"
"""What a run tests, as JSON for its run.json: commit, command, variant."""

LIFELINE = "BROWNOUT_LIFELINE_FD"
"""File descriptor of a pipe: when its other end closes, the parent is gone."""

PROGRESS = "BROWNOUT_PROGRESS_FD"
"""File descriptor for one JSON object a second about the run."""

FLEET_URL, FLEET_TOKEN = "BROWNOUT_FLEET_URL", "BROWNOUT_FLEET_TOKEN"
"""The API of the fleet process, and its token."""

NAMESPACE = "BROWNOUT_NAMESPACE"
"""The Kubernetes namespace of the services under test."""

AGENT_KEY = "BROWNOUT_AGENT_KEY"
AGENT_PORT, PANEL_PORT, MASTER_PORT = "BROWNOUT_AGENT_PORT", "BROWNOUT_PANEL_PORT", "BROWNOUT_MASTER_PORT"
"""Variables of the pods that make a cluster's load: the key of an order, and the ports they listen on."""

FLEETS = "BROWNOUT_FLEETS"
"""Modules with fleets of one's own, separated by commas; each has its record as FLEET."""

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""File of GitHub Actions whose Markdown is shown on the page of the job."""

STEP_OUTPUT = "GITHUB_OUTPUT"
"""File of GitHub Actions for the outputs of a step, a line each."""

GITHUB_JOB = "GITHUB_ACTIONS"
"""`true` in a job of GitHub Actions: its log takes workflow commands such as `::error::`."""
