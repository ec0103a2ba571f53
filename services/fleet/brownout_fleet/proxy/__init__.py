"""The fault proxy: a process between a service and one of its dependencies, in whatever language they are."""
