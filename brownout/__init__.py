"""The public face of brownout: what a user's own code imports."""
