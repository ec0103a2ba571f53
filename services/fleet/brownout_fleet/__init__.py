"""Replicas of the services under test: started, watched, killed, and reached through stable ports.

Everything here runs in the *fleet process* (asyncio on uvloop), apart from `FleetClient` and
`FleetProcess`, with which the harness starts that process and talks to it.
"""
