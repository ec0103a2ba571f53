"""Runs whose load is made in a cluster: the order, the agent that carries it out there, the run seen from
here."""
