"""The control panel inside Locust's web UI: faults, policies, breakers, replicas and load on one page.

What is wanted is kept here, and every replica is held to it, again and again.
"""
