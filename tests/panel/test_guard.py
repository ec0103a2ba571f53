"""Nobody but the operator pushes the buttons."""

import msgspec
import pytest

from brownout_panel.guard import MAX_BODY, GuardedRequest, Rules, decide

RULES = Rules(token="right", bound_to="127.0.0.1", allowed_hosts=("panel.example",))
OPEN = Rules(token="right", bound_to="")
PUT = GuardedRequest(method="PUT", path="/panel/api/faults", host="127.0.0.1:8089")
GET = GuardedRequest(method="GET", path="/panel/api/state", host="127.0.0.1:8089")


def with_(asked: GuardedRequest, **changes: object) -> GuardedRequest:
    return msgspec.structs.replace(asked, **changes)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (GET, 0),
        (PUT, 403),  # neither token nor origin
        (with_(PUT, bearer="right"), 0),
        (with_(PUT, bearer="wrong"), 401),
        (with_(PUT, bearer="rìght"), 401),  # not ASCII, and no crash
        (with_(PUT, query_token="right"), 0),
        (with_(PUT, fetch_site="same-origin"), 0),
        (with_(PUT, fetch_site="cross-site"), 403),
        (with_(PUT, fetch_site="same-site"), 403),  # another port of this machine
        (with_(PUT, fetch_site="none"), 403),
        (with_(PUT, origin="http://127.0.0.1:8089"), 0),
        (with_(PUT, origin="http://127.0.0.1:8090"), 403),
        (with_(PUT, origin="https://evil.example"), 403),
        (with_(PUT, origin="null"), 403),
        (with_(PUT, origin="http://127.0.0.1:8089", fetch_site="cross-site"), 403),
        (with_(PUT, method="POST", path="/swarm"), 403),  # Locust's own routes
        (with_(GET, path="/stop"), 403),  # GET in older versions of Locust
        (with_(GET, path="/stats/reset"), 403),
        (with_(GET, path="/stats/requests"), 0),
        (with_(PUT, bearer="right", length=str(MAX_BODY)), 0),
        (with_(PUT, bearer="right", length=str(MAX_BODY + 1)), 413),
        (with_(PUT, bearer="right", length="-1"), 411),
        (with_(PUT, bearer="right", chunked=True), 411),
    ],
)
def test_a_change_needs_the_token_or_our_own_page(asked: GuardedRequest, status: int) -> None:
    assert decide(RULES, asked).status == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 0),
        ("localhost:8089", 0),
        ("[::1]:8089", 0),
        ("panel.example:8089", 0),
        ("", 403),
        ("evil.example", 403),  # a name that was rebound to 127.0.0.1
        ("127.0.0.1.evil.example", 403),
        ("192.0.2.1", 403),
        ("[", 403),
    ],
)
def test_a_host_header_that_is_not_ours_is_refused(host: str, status: int) -> None:
    assert decide(RULES, with_(GET, host=host)).status == status


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (GET, 401),
        (with_(GET, path="/"), 401),
        (with_(GET, cookie="right"), 0),
        (with_(GET, cookie="wrong"), 401),
        (with_(GET, bearer="right", host="192.0.2.1:8089"), 0),
        (with_(GET, bearer="right", host="evil.example"), 403),
        (with_(PUT, fetch_site="same-origin"), 401),
        (with_(PUT, cookie="right"), 403),  # another site can make a browser send it
        (with_(PUT, cookie="right", fetch_site="same-origin"), 0),
    ],
)
def test_a_panel_that_others_can_reach_needs_the_token_for_everything(
    asked: GuardedRequest, status: int
) -> None:
    assert decide(OPEN, asked).status == status


def test_only_the_token_lets_somebody_say_who_they_are() -> None:
    claimed = with_(PUT, by="experiment")
    assert decide(RULES, with_(claimed, bearer="right")).by == "experiment"
    assert decide(RULES, with_(claimed, bearer="right", by="nonsense")).by == "api"
    assert decide(RULES, with_(claimed, fetch_site="same-origin")).by == "page"
