"""`brownout config`, the schema, and what run.json says of what was tested."""

import json
import subprocess
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner

from brownout.cli import cli
from brownout.project.checks import variants_of
from brownout.project.read import read_project
from brownout.project.shown import schema_text
from brownout.project.tested import facts_of_tested, masked
from tests.project.test_reading import SHOP, read
from tests.servers import ROOT


def test_config_prints_each_value_with_its_place_and_hides_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROWNOUT_LOAD_ARRIVAL_RATE", "7")
    Path("brownout.toml").write_text(SHOP.replace("DEBUG = true", 'API_TOKEN = "tell-nobody"'))
    result = CliRunner().invoke(cli, ["config", "--json"])
    assert result.exit_code == 0, result.output
    rows = {row["key"]: (row["value"], row["place"]) for row in json.loads(result.output)}
    assert rows["service.replicas"] == (2, "brownout.toml, line 4")
    assert rows["load.arrival_rate"] == (7, "BROWNOUT_LOAD_ARRIVAL_RATE")
    assert rows["service.port"] == (5001, "default")
    assert rows["service.environment.API_TOKEN"][0] == "***"
    assert "tell-nobody" not in CliRunner().invoke(cli, ["config"]).output


def test_a_file_that_is_named_and_ignored_is_refused_in_either_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.toml").write_text(SHOP)
    for words in (["--config", "shop.toml", "--lab"], ["--lab", "--config", "shop.toml"]):
        result = CliRunner().invoke(cli, ["config", *words])
        assert (result.exit_code, "use one of the two" in result.output) == (2, True), result.output


def test_the_published_schema_is_that_of_the_model_and_takes_what_the_reader_takes() -> None:
    assert (ROOT / "docs/brownout.schema.json").read_text() == schema_text()
    schema = jsonschema_rs.validator_for(json.loads(schema_text()))
    assert schema.is_valid(tomllib.loads(SHOP))
    assert not schema.is_valid(tomllib.loads(SHOP.replace("replicas", "replica")))
    assert not schema.is_valid(tomllib.loads(SHOP.replace("replicas = 2", "replicas = 0")))


def test_what_was_tested_names_commit_command_and_the_variables_of_the_variant(tmp_path: Path) -> None:
    project = read(tmp_path, SHOP.replace('RETRIES = "0"', 'RETRIES = "0", DB_PASSWORD = "x"'))
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    facts = facts_of_tested(project, "plain", variants_of(project)["plain"])
    assert len(facts["git_commit"]) == 40
    assert not facts["git_dirty"]
    assert facts["command"] == "python shop.py --port {port}"
    assert facts["variant"] == "plain"
    assert facts["environment"]["RETRIES"] == "0"
    assert facts["environment"]["DB_PASSWORD"] == "***"
    (tmp_path / "brownout.toml").write_text(SHOP + "\n")
    assert facts_of_tested(project, None, None)["git_dirty"]


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("API_KEY", True), ("GITHUB_TOKEN", True), ("DB_PASSWORD", True), ("AUTH", True), ("KEYBOARD", False),
     ("RETRIES", False), ("PRICES_URL", False), ("AUTHOR", False)],
)  # fmt: skip
def test_variables_named_like_secrets_are_masked_and_no_others(name: str, hidden: bool) -> None:
    assert (masked({name: "x"})[name] == "***") is hidden


def test_the_lab_is_described_by_a_file_of_the_repository() -> None:
    project = read_project(ROOT / "brownout.toml", environ={})
    assert project
    assert [*variants_of(project)] == []
