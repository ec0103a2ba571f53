"""`brownout forward` and `brownout doctor` as a user runs them, against a fake cluster in another process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bench import views
from brownout_fleet.free_port import free_port
from brownout_fleet.model import FleetError
from brownout_k8s.target import Ports, named_port, parse_ports, selector_of, target_port
from brownout_terms.exits import Exit
from tests.commands.cli import run, started
from tests.k8s.documents import write_kubeconfig
from tests.k8s.process import cluster_process
from tests.servers import serve


def slow(*values: object) -> object:
    """A command takes a second or more: one of each kind is enough for the default suite."""
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster with two pods "web", and the way there."""
    with (
        serve(views.UPSTREAM) as one,
        cluster_process([(name, "web", ("127.0.0.1", one.port)) for name in ("web-a", "web-b")]) as cluster,
    ):
        yield write_kubeconfig(tmp_path_factory.mktemp("kube") / "config", cluster.port)


@pytest.fixture(autouse=True)
def _environment(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))


@pytest.mark.parametrize(
    "target",
    [
        ("svc/web", ":80"),
        slow(("deploy/web", ":web")),
        slow(("app=web", ":5000")),
    ],
)
def test_a_target_is_forwarded_to_all_its_pods_until_it_is_interrupted(
    tmp_path: Path, target: tuple[str, str]
) -> None:
    with started("forward", *target, cwd=tmp_path) as command:
        command.await_text("Ctrl-C ends it.")
        urls = [word for word in command.output.split() if word.startswith("http://")]
        assert len(urls) == 3  # the stable one, and each pod's own
        for url in urls:
            assert requests.get(f"{url}/data", timeout=5).json()["message"] == "OK"
        command.interrupt()
        assert command.wait() == 0
        command.await_family_gone()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("svc/nobody", "80"), 'services "nobody" not found'),
        slow(("svc/web", "99"), 'svc/web has no port "99"; it has: 80, 81'),
        slow(("app=nobody", ":5000"), 'no pod in namespace "lab" matches "app=nobody"'),
        slow(("pod/nobody", ":5000"), 'no pod in namespace "lab" matches the name "nobody"'),
        slow(("svc/web", "http:80"), '"http:80" is not a port; allowed: 5000, 8080:5000, 8080:http, :5000'),
        slow(("svc/web", ":80", "--context", "prod"), 'no context "prod"; it has: "fake"'),
    ],
)
def test_what_can_not_be_forwarded_is_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, output = run("forward", *arguments, cwd=tmp_path)
    assert code in (Exit.USAGE, Exit.UNABLE)
    assert told in output
    assert "Traceback" not in output


def test_doctor_says_what_may_be_done_in_the_cluster(tmp_path: Path) -> None:
    _, output = run("doctor", cwd=tmp_path)
    for line in ("context: fake, lab", "answers, v1.36.0", "kill pods: allowed", "forward ports: allowed"):
        assert line in output


@pytest.mark.slow
def test_doctor_says_that_there_is_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "config", free_port())))
    _, output = run("doctor", cwd=tmp_path)
    assert "no cluster answers at http://127.0.0.1:" in output
    assert "kubectl --context fake cluster-info" in output


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("5000", Ports(None, "5000")),
        ("8080:5000", Ports(8080, "5000")),
        (":5000", Ports(0, "5000")),
        ("8080:http", Ports(8080, "http")),
    ],
)
def test_ports_are_written_as_kubectl_takes_them(text: str, ports: Ports) -> None:
    assert parse_ports(text) == ports


@pytest.mark.parametrize("text", ["", ":", "0", "70000", "70000:80", "a:80", "80:"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a port; allowed: 5000"):
        parse_ports(text)


def test_a_selector_with_expressions_is_written_as_the_api_takes_it() -> None:
    expressions: list[dict[str, object]] = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "DoesNotExist"},
    ]
    assert selector_of({"app": "web"}, expressions) == "app=web,tier in (a,b),!old"


def test_a_named_port_is_looked_up_in_the_pods() -> None:
    pods = [{"spec": {"containers": [{"ports": [{"name": "web", "containerPort": 5000}]}]}}]
    assert named_port(pods, "web") == 5000
    with pytest.raises(FleetError, match='no port named "http"; named are: web'):
        named_port(pods, "http")


def test_a_service_port_leads_to_its_target_port_or_to_itself() -> None:
    service = {
        "metadata": {"name": "web"},
        "spec": {"ports": [{"port": 80}, {"port": 81, "targetPort": 5000}]},
    }
    assert [target_port(service, port) for port in ("80", "81")] == ["80", "5000"]
