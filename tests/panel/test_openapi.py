"""The API's document is the truth about the API, held by a fuzzer that reads it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from brownout_faults import described_kinds
from brownout_panel import openapi
from tests.panel.test_api import OURS, ask, stand

DOCUMENT = openapi.document("/panel", described_kinds())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT).exclude(path="/api/stream")  # it never ends
CONFORMS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with stand("--replicas") as url:
        yield url


@SCHEMA.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    # Explicit examples would be all combinations of those of the kinds of fault: hundreds.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_the_answer_is_one_that_the_document_has(
    case: "schemathesis.Case[Any]", url: str
) -> None:
    answer = case.call(base_url=url, headers=OURS)
    assert answer.status_code < 500
    case.validate_response(answer, checks=CONFORMS)


def test_every_route_is_in_the_document_and_the_other_way_round(url: str) -> None:
    assert ask(url, "GET", "/openapi.json").document["paths"].keys() == DOCUMENT["paths"].keys()
    for path, operations in DOCUMENT["paths"].items():
        known = {method.upper() for method in operations} & {"GET", "PUT", "POST", "DELETE"}
        answer = ask(url, "PATCH", path.replace("{name}", "x"))
        assert answer.status == 405
        assert set(answer.document["allowed"].split(", ")) - {"HEAD", "OPTIONS"} == known
