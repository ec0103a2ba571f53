"""`brownout selftest`: does a report of brownout blame the service for what brownout's own parts did?

A run against a healthy service is repeated. In each round one part of brownout is stopped, starved, killed
or limited, as a seed decides. Then the run folder is held against Locust's own totals and against
undisturbed runs.
"""
