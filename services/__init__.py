"""The services under test, and the fleet that runs their replicas."""
