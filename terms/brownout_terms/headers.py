"""HTTP headers that rooms have in common."""

REQUEST_ID = "X-Request-ID"
"""Travels from the load through the client to the backend, and into every log line."""

FORWARDER = "X-Brownout-Forwarder"
"""Marks an answer of the forwarder's own: the replica was not reached."""

BY = "X-Brownout-By"
"""Who asks the panel for a change: a command, an experiment, the page."""

SESSION = "X-Brownout-Session"
"""The experiment's process, whose faults end with it."""
