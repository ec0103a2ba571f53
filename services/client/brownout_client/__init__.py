"""The client service: fetches from the backend with a resilience policy that can be switched as it runs."""
