"""The control panel inside Locust's web UI: faults, policies, breakers, replicas and load on one page.

It keeps the wanted state and reconciles every replica with it continuously.
"""
