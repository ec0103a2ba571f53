"""What `brownout init` writes can be read back, and its users run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from brownout.cli import cli
from brownout.errors import UsageError
from brownout.project.first_files import ServiceAnswers, files_of, parse_dependency, write
from brownout.project.openapi import read_openapi
from brownout.project.read import check_text, read_project
from brownout_chaos.check import check

OPENAPI = """
openapi: 3.0.0
servers: [{url: "https://shop.example/api"}]
components: {parameters: {id: {name: id, in: path, schema: {type: integer}, example: 7}}}
paths:
  /items/{id}:
    parameters: [{$ref: "#/components/parameters/id"}]
    get: {summary: One "item".}
    delete: {}
  /search:
    get: {parameters: [{name: q, in: query, required: true, schema: {type: string, enum: [red wine]}}]}
  /orders: {post: {}}
"""


def test_three_answers_make_files_that_hold_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answers = "node shop.js {port}\nPRICES_URL=http://127.0.0.1:9000\n/checkout\n"
    result = CliRunner().invoke(cli, ["init"], input=answers)
    assert result.exit_code == 0, result.output
    project = read_project(start=tmp_path, environ={})
    assert project
    assert project.file.service
    assert project.file.service.environment == {"PRICES_URL": "{prices}"}
    assert project.file.run.experiment == "experiments/prices-fail.json"
    check(tmp_path / "experiments/prices-fail.json", {"client": 2, "backend": 1})
    compile((tmp_path / "users.py").read_text(), "users.py", "exec")
    assert '"/checkout"' in (tmp_path / "users.py").read_text()
    assert "brownout run" in (tmp_path / ".github/workflows/brownout.yml").read_text()


def test_nothing_is_written_when_nobody_answers_or_a_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["init"], input="")
    assert "--command or --url" in result.output
    assert [*tmp_path.iterdir()] == []
    (tmp_path / "users.py").write_text("mine")
    with pytest.raises(UsageError, match=r"users\.py: already there"):
        write(tmp_path, files_of(ServiceAnswers("shop", url="http://a.example")), force=False)
    assert [path.name for path in tmp_path.iterdir()] == ["users.py"]


@pytest.mark.parametrize(
    ("text", "name", "variable", "key"),
    [
        ("PRICES_URL=http://127.0.0.1:9000", "prices", "PRICES_URL", "url"),
        ("DATABASE=tcp://127.0.0.1:5432", "database", "DATABASE", "url"),
        ("price-list=python prices.py {port}", "price-list", "PRICE_LIST_URL", "command"),
        ("TAX_API_BASE_URL=https://tax.example", "tax-api", "TAX_API_BASE_URL", "url"),
    ],
)
def test_a_dependency_is_typed_as_a_variable_or_a_name(text: str, name: str, variable: str, key: str) -> None:
    found = parse_dependency(text)
    assert (found.name, found.variable, found.key) == (name, variable, key)
    check_text(
        "brownout.toml", files_of(ServiceAnswers("s", "x {port}", dependencies=[found]))["brownout.toml"]
    )


@pytest.mark.parametrize("text", ["prices", "=http://a.example", "prices=", "9=http://a.example"])
def test_a_dependency_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="PRICES_URL=http://127"):
        parse_dependency(text)


def test_users_of_an_openapi_document_ask_for_what_it_lets_them_get(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(OPENAPI)
    requests = read_openapi(path)
    assert [one.path for one in requests] == ["/api/items/7", "/api/search?q=red+wine"]
    assert [one.name for one in requests] == ["/api/items/{id}", "/api/search"]
    users = files_of(ServiceAnswers("shop", url="http://a.example", requests=requests))["users.py"]
    code = f"{users}\nprint(len(Visitor.tasks))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False
    )
    assert done.stdout == "2\n", done.stderr


@pytest.mark.parametrize("text", ["[1]", "paths: {/a: {post: {}}}", "a: [", "\x00"])
def test_a_document_of_which_no_user_can_be_made_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_openapi(path)


@pytest.mark.slow
def test_a_recording_becomes_a_locustfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By har2locust itself."""
    monkeypatch.chdir(tmp_path)
    request = {
        "method": "GET",
        "url": "http://a.example/fruit",
        "headers": [],
        "cookies": [],
        "queryString": [],
    }
    response = {"status": 200, "content": {"mimeType": "text/html"}, "headers": [], "cookies": []}
    entry = {
        "_resourceType": "document",
        "request": request,
        "response": response,
        "cache": {},
        "timings": {},
    }
    (tmp_path / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    result = CliRunner().invoke(cli, ["init", "--url", "http://a.example", "--har", "a.har"])
    assert result.exit_code == 0, result.output
    users = (tmp_path / "users.py").read_text()
    assert "/fruit" in users
    assert "import brownout.locust" in users
