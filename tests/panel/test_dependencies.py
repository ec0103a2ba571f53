"""Faults for a dependency: one that no injector stands for is refused, with those that there are."""

from collections.abc import Iterator

import pytest

from brownout_panel.errors import RefusedError
from tests.panel.fleet import Fleet, controlling
from tests.servers import Server, gunicorn


@pytest.fixture(scope="module")
def prices() -> Iterator[Server]:
    with gunicorn("brownout_backend.app:create_app()") as one:
        yield one


def test_a_fault_for_a_dependency_that_there_is_not_is_refused(prices: Server) -> None:
    fleet = Fleet()
    fleet.put("backend-0", prices.url)
    fleet.name_dependency("backend-0", "prices")
    with controlling(fleet) as control:
        with pytest.raises(RefusedError, match=r'"prixes" is no dependency .* there are: "prices"'):
            control.set_faults({"faults": [{"kind": "error", "match": {"dependency": "prixes"}}]}, "cli")
        made = control.set_faults({"faults": [{"kind": "error", "match": {"dependency": "pri*"}}]}, "cli")
        assert made.words == "100 % errors 500 to pri*"
