"""The tests of `inside` run in a process of their own: they patch the one that they are in."""

collect_ignore = ["inside"]
