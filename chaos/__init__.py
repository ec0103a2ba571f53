"""Experiments on Chaos Toolkit: the actions and probes that they call, the runner, the verdict."""
