"""The JSON Schema of faults allows what the injector takes, and nothing else."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from brownout_faults import described_kinds
from brownout_faults.schemas import fault_schema
from tests.backend.test_document import client, faults, put

VALIDATOR = jsonschema_rs.validator_for(fault_schema(described_kinds()))


@pytest.mark.parametrize("kind", described_kinds(), ids=lambda kind: str(kind["kind"]))
def test_the_example_of_every_kind_is_allowed(kind: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(kind["example"])


@settings(deadline=None, max_examples=60)
@given(fault=faults)
def test_what_the_injector_takes_is_allowed(fault: dict[str, Any]) -> None:
    assert put(client(), {"faults": [fault]}).status_code == 200
    assert VALIDATOR.is_valid(fault)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "rate": 1.5},
        {"kind": "error", "status": 99},
        {"kind": "error", "status": None},
        {"kind": "error", "ms": 1},
        {"kind": "hang", "limit_s": 0},
        {"kind": "latency", "ms": 0.5},
        {"kind": "latency", "distribution": "flat"},
        {"kind": "explode"},
        {"rate": 1},
    ],
    ids=json.dumps,
)
def test_what_the_injector_refuses_is_not(fault: dict[str, Any]) -> None:
    assert put(client(), {"faults": [fault]}).status_code == 400
    assert not VALIDATOR.is_valid(fault)
