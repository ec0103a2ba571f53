"""Kubernetes: the manifests, the fleet of pods, the port-forward."""
