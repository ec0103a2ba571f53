"""The backend: the dependency that fails on demand.

    gunicorn -c python:brownout_backend.server "brownout_backend.app:create_app()"

`GET /data` is what callers depend on. `/faults` makes it faulty: errors, latency, hangs, resets, answers cut
short or corrupt, each for a share of the requests (see `brownout_faults`);
`/config/failure`, `/config/latency` and `/config/get` are the original lab's settings for the first two.
`/status` and `/metrics` count what was injected.

Environment: LOG_LEVEL (default WARNING), FAULT_SEED (default: chance); and CONCURRENCY (requests served at
once; default: no limit), SERVICE_TIME_MS (how long each takes at least; 0), QUEUE_LIMIT (how many may wait;
100): see `brownout_faults/capacity.py`.

The package knows nothing of the harness, and can be deployed with `brownout_faults` alone.
"""
