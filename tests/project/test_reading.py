"""brownout.toml: what is read, what overrides it, and what is refused with its place."""

import socket
from pathlib import Path

import pytest

from brownout.errors import BrownoutError, UsageError
from brownout.project.checks import check_start, variants_of
from brownout.project.defaults import option_defaults
from brownout.project.fleet import fleet_settings
from brownout.project.lines import Lines
from brownout.project.read import ProjectSettings, read_project
from brownout_loadtest.outcome_rules import parse_rule

SHOP = """
[service]
command = "python shop.py --port {port}"
replicas = 2
environment = { PRICES_URL = "{prices}", DEBUG = true }

[dependencies.prices]
url = "http://127.0.0.1:9000/v1"

[load]
arrival_rate = 50

[variants]
plain = { RETRIES = "0" }
fast = { command = "python fast.py {port}" }
"""


def read(folder: Path, text: str, **environ: str) -> ProjectSettings:
    (folder / "brownout.toml").write_text(text)
    project = read_project(start=folder, environ=environ, fleet_options=["restart_delay"])
    assert project
    return project


def test_a_file_sets_the_fleet_and_the_defaults_of_the_options(tmp_path: Path) -> None:
    project = read(tmp_path, SHOP)
    assert option_defaults(project) == {
        "kind": "command",
        "client_port": 5001,
        "label": project.name,
        "arrival_rate": 50,
    }
    settings = fleet_settings(project)
    assert settings["service"]["command"] == ["python", "shop.py", "--port", "{port}"]
    assert settings["service"]["environment"] == {"PRICES_URL": "{prices}", "DEBUG": "true"}
    assert settings["dependencies"]["prices"]["url"] == "http://127.0.0.1:9000/v1"


def test_outcomes_of_the_file_are_those_of_the_option_and_wrong_ones_have_their_line(tmp_path: Path) -> None:
    rule = '[outcomes]\nfallback = { header = "X-Degraded", equals = "1" }\n'
    (found,) = option_defaults(read(tmp_path, SHOP + rule))["outcomes"]
    assert (parse_rule(found).outcome, parse_rule(found).header) == ("fallback", "X-Degraded")
    with pytest.raises(UsageError) as caught:
        option_defaults(read(tmp_path, SHOP + rule.replace("header", "haeder")))
    assert 'line 17: "haeder" is not one of' in str(caught.value)


def test_a_variant_changes_variables_or_the_command_alone(tmp_path: Path) -> None:
    project = read(tmp_path, SHOP)
    variants = variants_of(project)
    plain, fast = (fleet_settings(project, variants[name])["service"] for name in ("plain", "fast"))
    assert plain["environment"] == {"PRICES_URL": "{prices}", "DEBUG": "true", "RETRIES": "0"}
    assert plain["command"][1] == "shop.py"
    assert fast["command"] == ["python", "fast.py", "{port}"]


def test_a_variable_overrides_the_file_and_the_file_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.brownout.service]\nreplicas = 9\nready = "/ok"\n')
    project = read(tmp_path, SHOP, BROWNOUT_SERVICE_REPLICAS="3")
    assert project.file.service
    assert (project.file.service.replicas, project.file.service.ready) == (3, "/ok")
    assert project.place("service", "replicas") == "BROWNOUT_SERVICE_REPLICAS"
    assert project.place("service", "ready").endswith("pyproject.toml, line 3")
    assert project.place("dependencies", "prices", "url").endswith("brownout.toml, line 8")


def test_the_file_is_found_above_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "brownout.toml").write_text(SHOP)
    repository = tmp_path / "repository"
    below = repository / "below"
    below.mkdir(parents=True)
    (repository / ".git").mkdir()
    assert read_project(start=below, environ={}) is None
    (repository / "brownout.toml").write_text(SHOP)
    found = read_project(start=below, environ={})
    assert found
    assert found.folder == repository


def test_a_folder_without_a_file_has_no_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nkey = 1\n")
    assert read_project(start=tmp_path, environ={"BROWNOUT_FLEET_URL": "http://127.0.0.1:1"}) is None


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("replicas", "replica", 4, '"replica" is not a key of [service]; write "replicas"'),
        ("[load]", "[lod]", 10, '"lod" is not a key of the file; write "load"'),
        ("replicas = 2", "replicas = 0", 4, "replicas = 0 is not a whole number from 1 to 64"),
        ("replicas = 2", 'replicas = "two"', 4, 'replicas = "two" is not a whole number'),
        ('"{prices}"', '"{price}"', 5, '"{price}" names no dependency (there are: prices); write "{prices}"'),
        ("{port}\"\nrep", "{prot}\"\nrep", 3, '"{prot}" names no dependency'),
        ("{ RETRIES", "{ A = \"{shop}\", RETRIES", 14, '"{shop}" names no dependency'),
        ("9000/v1", "5001", 8, "a proxy loop: http://127.0.0.1:5001 is the service's own port"),
        ("9000/v1\"", "9000\"\nport = 9000", 8, '127.0.0.1:9000 is the proxy of "prices"'),
        ('"http://127.0.0.1:9000/v1"', '"localhost"', 8, 'url = "localhost" is not a URL'),
        ('"http://127.0.0.1:9000/v1"', '"http://{prices}"', 8, '"{prices}" in a url is the proxy itself'),
        ('url = "http://127.0.0.1:9000/v1"', "port = 3", 7, "says nothing of where it is"),
        ('"python shop.py --port {port}"', '""', 3, "command is empty"),
        ("replicas = 2", 'url = "http://a.example"', 4, "[service] has command and url"),
        ('{ command = "python', '{ A = "1", command = "python', 15, '"A" beside command'),
        ("arrival_rate = 50", "arrival_rate = 50\n[fleet]\nrestartdelay = 1", 13, 'write "restart_delay"'),
        ('{ RETRIES = "0" }', '{ RETRIES = ["0"] }', 14, "is not a table of names and values"),
        ("arrival_rate = 50", "arrival_rate = ", 11, "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in SHOP
    with pytest.raises(UsageError) as caught:
        variants_of(read(tmp_path, SHOP.replace(old, new, 1)))
    assert f"brownout.toml, line {line}: " in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("BROWNOUT_SERVICE_REPLICA", "3", 'write "BROWNOUT_SERVICE_REPLICAS"'),
        ("BROWNOUT_SERVICE_REPLICAS", "x", 'BROWNOUT_SERVICE_REPLICAS: replicas = "x" is not a whole number'),
        ("BROWNOUT_DEPENDENCIES_PRICES_URL", "http://127.0.0.1:5001", "a proxy loop"),
    ],
)
def test_a_variable_that_is_wrong_is_refused_by_its_name(
    tmp_path: Path, name: str, value: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, SHOP, **{name: value})
    assert name in str(caught.value)
    assert message in str(caught.value)


def test_a_program_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    project = read(tmp_path, SHOP.replace("python shop.py", "no-such-program"))
    with pytest.raises(UsageError) as caught:
        check_start(project)
    assert 'line 3: there is no program "no-such-program"' in str(caught.value)


def test_a_dependency_that_is_down_is_refused_and_one_that_is_up_is_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = SHOP.replace("python shop.py", "true").replace("9000/v1", str(port))
        check_start(read(tmp_path, text))
    with pytest.raises(BrownoutError) as caught:
        check_start(read(tmp_path, text))
    assert f'line 8: the dependency "prices" is down: http://127.0.0.1:{port}' in str(caught.value)


def test_lines_are_those_of_dotted_and_quoted_keys_and_no_others() -> None:
    text = 'a.b = 1\n[x."y.z"]\nkey = """\n[no]\nnot = 1\n"""\n[[list]]\nlast = 1 # [no]\n'
    lines = Lines(text)
    paths = [("a", "b"), ("x", "y.z"), ("x", "y.z", "key"), ("x", "y.z", "unknown"), ("list", "last")]
    assert [lines.of(path) for path in paths] == [1, 2, 3, 2, 8]
    assert lines.of(("no",)) is None
