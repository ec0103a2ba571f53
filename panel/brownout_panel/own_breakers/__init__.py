"""Breakers and retries of services that are not ours: read from the contract's JSON or Prometheus text.

`reading.py` reads one answer, `following.py` makes lanes and transitions of answer after answer, both pure;
`poller.py` asks. The contract is in docs/breakers.md.
"""
