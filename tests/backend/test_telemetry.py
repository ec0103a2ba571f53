"""What a service says about itself, on any WSGI server: ids, durations, health."""

from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from brownout_backend.telemetry import Telemetry


class Body:
    """A response body that knows whether it was closed."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"first "
        yield b"second"

    def close(self) -> None:
        self.closed = True


class App:
    """A WSGI application whose paths each end in another way."""

    def __init__(self) -> None:
        self.body = Body()
        self.request_id = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.request_id = environ["HTTP_X_REQUEST_ID"]
        match environ["PATH_INFO"]:
            case "/bug":
                raise RuntimeError("a bug")
            case "/gone":
                raise ConnectionResetError
        start_response("200 OK", [("Content-Length", "12")])
        return self.body


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def telemetry(app: App) -> Telemetry:
    return Telemetry(app, service="test", routes=("/known", "/bug", "/gone"))


@pytest.fixture
def client(telemetry: Telemetry) -> Client:
    return Client(telemetry)


def requests_of(client: Client) -> dict[tuple[str, str, str], float]:
    """Requests by method, route and status, as /metrics has them."""
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "http_request_duration_seconds_count"
    }


def test_every_request_gets_an_id_of_its_own(client: Client, app: App) -> None:
    """The application and the caller learn the same id; another request gets another one."""
    ids = []
    for _ in range(2):
        ids.append(client.get("/known").headers["X-Request-ID"])
        assert app.request_id == ids[-1]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("given", ["a", "0af7651916cd43dd-8448.eb_211c", "x" * 128])
def test_the_id_of_the_caller_is_kept(client: Client, app: App, given: str) -> None:
    assert client.get("/known", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    assert app.request_id == given


@pytest.mark.parametrize("given", ["", "x" * 129, "two words", "a,b", "é", '"}', "a\tb"])
def test_an_unacceptable_id_is_replaced(client: Client, app: App, given: str) -> None:
    """Ids go into logs and headers: nothing else than the documented characters gets there."""
    assert client.get("/known", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given
    assert app.request_id != given


def test_no_caller_can_grow_the_metrics(client: Client) -> None:
    """Unknown paths and methods share one label each."""
    for number in range(50):
        client.get(f"/unknown/{number}", buffered=True)
        client.open("/known", method=f"METHOD{number}", buffered=True)
    assert requests_of(client) == {("GET", "other", "200"): 50, ("other", "/known", "200"): 50}


def test_an_application_that_raises_is_counted_as_what_its_caller_sees(client: Client) -> None:
    """A bug becomes the server's 500; a connection error closes the connection without an answer."""
    with pytest.raises(RuntimeError):
        client.get("/bug")
    with pytest.raises(ConnectionResetError):
        client.get("/gone")
    assert requests_of(client) == {("GET", "/bug", "500"): 1, ("GET", "/gone", "closed"): 1}
    assert "http_requests_in_flight 0.0" in client.get("/metrics").text


def test_a_caller_that_goes_away_in_the_middle_is_still_counted(client: Client, app: App) -> None:
    """The server then calls close(): the application's body is closed, the request no longer in flight."""
    response = client.get("/known")
    assert "http_requests_in_flight 1.0" in client.get("/metrics").text
    response.close()
    assert app.body.closed
    assert "http_requests_in_flight 0.0" in client.get("/metrics").text
    assert requests_of(client) == {("GET", "/known", "200"): 1}


def test_applications_in_one_process_do_not_share_metrics(client: Client) -> None:
    other = Client(Telemetry(App(), service="other", routes=("/known",)))
    client.get("/known")
    assert requests_of(other) == {}


def test_health_and_metrics_are_not_counted_as_traffic(client: Client) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    assert requests_of(client) == {}


def test_a_service_that_is_not_ready_says_503() -> None:
    client = Client(Telemetry(App(), service="test", routes=(), ready=lambda: False))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_and_metrics_can_only_be_read(client: Client, path: str) -> None:
    response = client.post(path)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert response.content_type == "application/problem+json"
    assert client.head(path).data == b""


def test_metrics_have_the_process_beside_the_requests(client: Client) -> None:
    """Memory, open files and garbage collections are what a leak is seen by."""
    names = {family.name for family in text_string_to_metric_families(client.get("/metrics").text)}
    assert {"python_info", "python_gc_collections"} <= names
