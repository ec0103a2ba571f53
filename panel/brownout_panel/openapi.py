"""The API's OpenAPI 3.1 document, made from the types that it carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from brownout_faults.schemas import fault_schema
from brownout_fleet.model import Replica
from brownout_panel.bodies import (
    PERCENTILE,
    ExperimentBody,
    ExperimentsAnswer,
    FaultsAnswer,
    FaultsBody,
    KillBody,
    MarkBody,
    PolicyAnswer,
    ReportAnswer,
    ReportBody,
    StallBody,
)
from brownout_panel.measures import LONGEST_S
from brownout_panel.model import (
    Activity,
    Experiment,
    Load,
    LoadShape,
    Measures,
    ReplicaView,
    State,
    Transition,
)
from brownout_panel.problem import CONTENT_TYPE, ProblemDocument
from brownout_terms.codes import Code

REF = "#/components/schemas/{name}"

TYPES = (
    Activity,
    Code,
    Experiment,
    ExperimentBody,
    ExperimentsAnswer,
    FaultsAnswer,
    FaultsBody,
    KillBody,
    Load,
    LoadShape,
    MarkBody,
    Measures,
    PolicyAnswer,
    ProblemDocument,
    Replica,
    ReplicaView,
    ReportAnswer,
    ReportBody,
    StallBody,
    State,
)

REASONS = {
    "400": "The request is invalid; `detail` says why",
    "401": "The token is missing or not this run's",
    "403": "The Host header is not the panel's, or a change comes from elsewhere without the token",
    "404": "There is no such replica, or no such run",
    "409": "Not now: everything is stopped, another kill or experiment is under way, it is the last ready "
    "replica, or an experiment needs a load that runs; `code` says which",
    "411": "A body without a length",
    "413": "The body is too long",
    "415": "The body is not JSON",
    "422": "The service can't do this: a replica says so, or it has no control URL for it",
    "503": "No replica confirmed it in time, the fleet can't be reached, or the program that runs "
    "experiments or makes reports fails",
}

OBJECT: dict[str, Any] = {"type": "object"}


def document(server: str, kinds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the whole document. `server` is the path of the API, `kinds` describe the kinds of fault."""
    _, schemas = msgspec.json.schema_components([*TYPES, Transition], ref_template=REF)
    schemas["Fault"] = fault_schema(kinds)
    schemas["FaultsBody"]["properties"]["faults"]["items"] = {"$ref": REF.format(name="Fault")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "brownout control panel",
            "version": version("brownout"),
            "description": "Changes need the run's token, or come from the panel's own page.",
        },
        "servers": [{"url": server or "/"}],
        "security": [{"token": []}, {}],
        "paths": {**_reading(), **_holding(), **_running(), **_experiments()},
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _reading() -> dict[str, Any]:
    seconds = _query("seconds", "How far back", {"type": "integer", "minimum": 0, "maximum": 14_400})
    since = _query("since", "Transitions to skip", {"type": "integer", "minimum": 0, "maximum": 2**53 - 1})
    last = _query("last", "As the header Last-Event-ID: resume after this event", {"type": "string"})
    history = _object(
        seconds=OBJECT, transitions=_list(Transition), events={"type": "array", "items": OBJECT}
    )
    transitions = _object(next={"type": "integer"}, transitions=_list(Transition))
    stream = _get("stream", "Live events, for good", {"type": "string"}, parameters=[last], errors=["503"])
    stream["get"]["responses"]["200"]["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
    return {
        "/api/state": _get("state", "Everything that a page needs", _ref(State)),
        "/api/history": _get(
            "history", "Seconds as columns, transitions, timeline", history, [seconds], ["400"]
        ),
        "/api/stream": stream,
        "/api/terms": _get("terms", "Shared words with their signs and colours", OBJECT),
        "/api/measures": _get(
            "measures", "What users saw over the last seconds", _ref(Measures), _window(), ["400"]
        ),
        "/api/replicas": _get("replicas", "Every replica and its status", _list(ReplicaView)),
        "/api/transitions": _get("transitions", "The breakers' log", transitions, [since], ["400"]),
    }


def _holding() -> dict[str, Any]:
    faults, policy = _ref(FaultsAnswer), _ref(PolicyAnswer)
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    setting = ["400", "409", "415", "422", "503"]
    return {
        "/api/faults": {
            **_get("faults", "The fault set", faults),
            "put": _operation("setFaults", "Hold every backend to it", faults, _ref(FaultsBody), setting),
            "delete": _operation("clearFaults", "Clear it; verified", faults, errors=["503"]),
        },
        "/api/faults/kinds": _get(
            "faultKinds",
            "The kinds of fault that the backends can inject, and presets",
            _object(kinds={"type": "array", "items": OBJECT}, presets=OBJECT),
        ),
        "/api/policy": {
            **_get("policy", "The clients' policy", policy),
            "put": _operation("setPolicy", "Hold every client to it", policy, OBJECT, setting),
        },
        "/api/policy/fields": _get(
            "policyFields",
            "The settings of a policy and the presets, as the clients describe them",
            _object(fields={"type": "array", "items": OBJECT}, presets=OBJECT),
        ),
        "/api/replicas/{name}/kill": {
            "parameters": [name],
            "post": _operation(
                "kill",
                "End a replica abruptly; the fleet brings it back",
                _ref(Replica),
                _ref(KillBody),
                ["400", "404", "409", "415", "503"],
                status="202",
                optional_body=True,
            ),
        },
    }


def _running() -> dict[str, Any]:
    setting = {"type": ["number", "string", "null"]}
    settings = {"type": "object", "additionalProperties": setting}
    step = _object(step={"type": "string"}, code=_ref(Code), outcome={"type": "string"})
    steps = _object(steps={"type": "array", "items": step})
    blocked = _object(blocked={"type": "boolean"})
    load = _ref(Load)
    return {
        "/api/load": {
            **_get("load", "What Locust's runner does", load),
            "put": _operation("startLoad", "Start or change the load", load, settings, ["400", "409", "415"]),
            "delete": _operation("stopLoad", "Stop it", load, errors=["400"]),
        },
        "/api/load/shapes": _get(
            "loadShapes", "The load shapes and their parameters", _object(shapes=_list(LoadShape))
        ),
        "/api/marks": {
            "post": _operation("mark", "A phase or a note", OBJECT, _ref(MarkBody), ["400", "415"])
        },
        "/api/stop-everything": {
            "post": _operation("stopEverything", "Faults, experiment, load; then blocked", steps)
        },
        "/api/reports": {
            "post": _operation(
                "makeReport",
                "Make the report of a run",
                _ref(ReportAnswer),
                _ref(ReportBody),
                ["400", "404", "415", "503"],
                status="201",
                optional_body=True,
            )
        },
        "/api/release": {"post": _operation("release", "Let things start again", blocked)},
    }


def _experiments() -> dict[str, Any]:
    current = _object(current={"anyOf": [_ref(Experiment), {"type": "null"}]})
    return {
        "/api/experiments": {
            **_get(
                "experiments", "Those that there are, and the last", _ref(ExperimentsAnswer), None, ["503"]
            ),
            "post": _operation(
                "startExperiment",
                "Start one, beside the load that runs",
                _ref(Experiment),
                _ref(ExperimentBody),
                ["400", "409", "415", "503"],
                status="202",
            ),
            "delete": _operation(
                "stopExperiment", "End it; it puts everything back first", current, errors=["409"]
            ),
        },
        "/api/session": {
            "post": _operation(
                "beat",
                "The process named in X-Brownout-Session lives: its faults end when it is silent",
                _object(holds={"type": "boolean"}),
            )
        },
        "/api/stalls": {
            "post": _operation(
                "reportStall",
                "A process of brownout's own says that it stood still, for the timeline",
                OBJECT,
                _ref(StallBody),
                ["400", "415"],
            )
        },
        "/api/activities": {
            "post": _operation(
                "reportActivity",
                "An experiment says what it does, for the timeline and the page",
                OBJECT,
                _ref(Activity),
                ["400", "415"],
            )
        },
    }


def _window() -> list[Any]:
    """The parameters of the measures."""
    pattern = f"^{PERCENTILE}(,{PERCENTILE})*$"
    return [
        _query("window_s", "Whole seconds", {"type": "integer", "minimum": 1, "maximum": LONGEST_S}),
        _query("percentiles", "Of the latency, such as 50,95,99.9", {"type": "string", "pattern": pattern}),
    ]


def _get(
    name: str, summary: str, answer: Any, parameters: list[Any] | None = None, errors: list[str] | None = None
) -> dict[str, Any]:
    operation = _operation(name, summary, answer, errors=errors, is_change=False)
    return {"get": operation | ({"parameters": parameters} if parameters else {})}


def _operation(
    name: str,
    summary: str,
    answer: Any,
    body: Any = None,
    errors: list[str] | None = None,
    *,
    status: str = "200",
    optional_body: bool = False,
    is_change: bool = True,
) -> dict[str, Any]:
    """One operation. The guard's refusals are possible everywhere."""
    problems = sorted({"401", "403", "411", "413", *(errors or [])})
    refused = {code: _content(REASONS[code], _ref(ProblemDocument), CONTENT_TYPE) for code in problems}
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {status: _content("Done" if is_change else "As it is now", answer), **refused},
    }
    if body is not None:
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": not optional_body, "content": content}
    return operation


def _content(description: str, schema: Any, content_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": schema}}}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(kind: type) -> dict[str, Any]:
    return {"type": "array", "items": _ref(kind)}


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": REF.format(name=kind.__name__)}
