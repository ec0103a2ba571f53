"""Which forwarder a load goes through, told by the URLs of both."""

import pytest

from brownout_loadtest.fleet import same_port

FORWARDER = "http://127.0.0.1:5001"


@pytest.mark.parametrize(
    ("target", "is_same"),
    [
        ("http://127.0.0.1:5001", True),
        ("http://localhost:5001/", True),
        ("http://[::1]:5001/api", True),
        ("http://127.0.0.1:5002", False),
        ("http://127.0.0.1", False),
        ("http://clientservice:5001", False),
        ("https://shop.example", False),
        ("http://127.0.0.1:none", False),
        ("", False),
    ],
)
def test_a_load_goes_through_it_if_both_name_one_port_of_this_machine(target: str, is_same: bool) -> None:
    assert same_port(FORWARDER, target) is is_same
