"""The keys of brownout.toml, each declared once: checks, schema, `brownout config` and the manual follow."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(pattern=r"^[A-Za-z][\w-]*$")]
HttpUrl = Annotated[str, Meta(pattern=r"^https?://[^/]")]
AnyUrl = Annotated[str, Meta(pattern=r"^(https?|tcp)://[^/]")]
UrlPath = Annotated[str, Meta(pattern="^/")]
Port = Annotated[int, Meta(ge=0, le=65535)]
Whole = Annotated[int, Meta(ge=1)]
Replicas = Annotated[int, Meta(ge=1, le=64)]
Positive = Annotated[float, Meta(gt=0)]
Scalar = str | int | float | bool
"""A value of an environment variable, as people write it in TOML."""


def about(description: str, allowed: str, example: Any) -> Meta:
    """Describe a key: what it means, what is allowed in words, and one value to copy."""
    return Meta(description=description, examples=[example], extra={"allowed": allowed})


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file. Keys that it does not declare are refused."""


VARIABLES = "a table of names and values"
LINE = "a command as typed in a shell, or a list of its words"


class ServiceTable(Table, frozen=True):
    """The service under test: what to start, or where it runs."""

    name: Annotated[
        Name | None,
        about(
            "Name of the service in reports and in `brownout kill`. Default: the folder's.",
            "a name",
            "shop",
        ),
    ] = None
    command: Annotated[
        str | list[str] | None,
        about(
            "Command that starts one replica. `{port}` is its port, `{NAME}` the proxy of a dependency, "
            "`{image}` the image of the variant.",
            LINE,
            "uvicorn shop:app --port {port}",
        ),
    ] = None
    url: Annotated[
        HttpUrl | None,
        about(
            "URL of a service that runs already.",
            "a URL",
            "https://staging.example/api",
        ),
    ] = None
    kubernetes: Annotated[
        str | None, about("Labels of its pods in a cluster.", "a selector of labels", "app=shop")
    ] = None
    compose: Annotated[
        str | None,
        about(
            "Compose file with the services `client` and `backend`, as in brownout's own.",
            "a path",
            "docker-compose.yml",
        ),
    ] = None
    replicas: Annotated[Replicas, about("How many to start.", "a whole number from 1 to 64", 2)] = 1
    ready: Annotated[
        UrlPath | None,
        about(
            "Path that answers 2xx or 3xx when a replica is ready. Default: its port accepts.",
            'a path that begins with "/"',
            "/healthz",
        ),
    ] = None
    breaker: Annotated[
        str | None,
        about(
            "Path or URL where it shows its circuit breakers, as JSON or Prometheus text.",
            "a path or a URL",
            "/metrics",
        ),
    ] = None
    environment: Annotated[
        dict[str, Scalar],
        about("Variables for it; `{NAME}` is the proxy of a dependency.", VARIABLES, {"URL": "{prices}"}),
    ] = {}
    cwd: Annotated[str | None, about("Folder in which it starts. Default: the file's.", "a path", "src")] = (
        None
    )
    port: Annotated[
        Port, about("Stable port that is spread over the replicas; 0: any free one.", "a port", 5001)
    ] = 5001
    start_timeout_s: Annotated[
        Positive, about("Seconds in which a replica has to be ready.", "a number above 0", 60)
    ] = 30.0


class DependencyTable(Table, frozen=True):
    """What the service calls. A fault proxy stands before it."""

    url: Annotated[
        AnyUrl | None,
        about(
            "Where it runs; beside a command, only scheme and path count.",
            "a URL with http://, https:// or tcp://",
            "http://127.0.0.1:9000",
        ),
    ] = None
    command: Annotated[
        str | list[str] | None,
        about("Command that starts it, with `{port}`.", LINE, "python prices.py {port}"),
    ] = None
    ready: Annotated[
        UrlPath | None,
        about("Path that answers when it is ready.", 'a path that begins with "/"', "/healthz"),
    ] = None
    environment: Annotated[dict[str, Scalar], about("Variables for it.", VARIABLES, {"LEVEL": "info"})] = {}
    port: Annotated[Port, about("Port of its proxy; 0: any free one.", "a port", 9100)] = 0
    cwd: Annotated[str | None, about("Folder in which it starts.", "a path", "prices")] = None


RATE = "a number above 0"


class LoadKeys(Table, frozen=True):
    """The load; each key is the option of the same name."""

    locustfile: Annotated[str | None, about("Locust's file with your users.", "a path", "users.py")] = None
    users: Annotated[Whole | None, about("Users, or requests at once.", "a whole number", 20)] = None
    spawn_rate: Annotated[Positive | None, about("New users a second.", RATE, 5)] = None
    arrival_rate: Annotated[Positive | None, about("Open loop: requests a second.", RATE, 50)] = None
    shape: Annotated[str | None, about("How the load moves.", "the name of a shape", "ramp")] = None
    run_time: Annotated[str | None, about("How long to run.", "a duration", "90s")] = None
    aborts: Annotated[
        list[str],
        about("Conditions that end a run early.", "a list of texts", ["availability < 50% for 10s"]),
    ] = []
    locust: Annotated[
        list[str], about("Further options of Locust.", "a list of words", ["--stop-timeout", "10"])
    ] = []


class RunTable(Table, frozen=True):
    """What a run is besides its load."""

    label: Annotated[str | None, about("Label of run folders.", "a text", "shop")] = None
    experiment: Annotated[
        str | None,
        about(
            "Experiment that runs beside the load.", "a path, or the name of one", "experiments/prices.json"
        ),
    ] = None
    thresholds: Annotated[
        list[str], about("What has to hold, or the run fails.", "a list of texts", ["p95 < 300ms"])
    ] = []
    out: Annotated[str | None, about("Where run folders go.", "a path", "results/runs")] = None


class BrownoutFile(Table, frozen=True):
    """The whole file."""

    service: ServiceTable | None = None
    dependencies: dict[str, DependencyTable] = {}
    load: LoadKeys = LoadKeys()
    run: RunTable = RunTable()
    outcomes: Annotated[
        dict[str, Any],
        about(
            "What counts as `fallback` or `error`: a rule, or a list of them; see docs/outcomes.md.",
            "a table of rules",
            {"fallback": {"header": "X-Degraded", "equals": "1"}},
        ),
    ] = {}
    fleet: Annotated[
        dict[str, Scalar],
        about(
            "Options of the fleet by their names, as in `brownout up --help`.",
            "a table of options",
            {"restart_delay": 5},
        ),
    ] = {}
    variants: Annotated[
        dict[str, dict[str, Any]],
        about(
            "What `compare-policies` chooses from: variables, or a table of "
            "environment, command, image, url and policy.",
            "a table of tables",
            {"retry": {"RETRIES": "3"}},
        ),
    ] = {}


class VariantTable(Table, frozen=True):
    """A variant in full: what it changes of the service."""

    environment: Annotated[
        dict[str, Scalar], about("Variables that it adds or replaces.", VARIABLES, {"RETRIES": "3"})
    ] = {}
    command: Annotated[
        str | list[str] | None, about("Another command.", LINE, "uvicorn next:app --port {port}")
    ] = None
    image: Annotated[str | None, about("What `{image}` stands for.", "a text", "shop:1.4")] = None
    url: Annotated[HttpUrl | None, about("Where this variant runs.", "a URL", "https://next.example/api")] = (
        None
    )
    policy: Annotated[str | None, about("A preset of the lab's clients.", "the name of one", "full")] = None
