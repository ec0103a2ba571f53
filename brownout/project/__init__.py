"""A service of one's own, as brownout.toml describes it: read, checked, and told to the commands."""
