"""run.json holds no secrets."""

import json
from pathlib import Path

import pytest

from brownout_results.record.manifest import without_secrets, write_manifest


def test_users_and_passwords_of_urls_are_taken_out_wherever_they_are(tmp_path: Path) -> None:
    write_manifest(
        tmp_path,
        {
            "target": "http://me:p@ss@host:80/a?b=c@d",
            "fleet": {"urls": ["https://token@host/", "http://host/mail@example"]},
            "command": ("-H", "ftp://u:p@h"),
            "path": Path("/tmp"),  # noqa: S108
        },
    )

    assert json.loads((tmp_path / "run.json").read_text("utf-8")) == {
        "target": "http://***@host:80/a?b=c@d",
        "fleet": {"urls": ["https://***@host/", "http://host/mail@example"]},
        "command": ["-H", "ftp://***@h"],
        "path": "/tmp",  # noqa: S108
    }


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["--api-key", "s3cret", "-u", "5"], ["--api-key", "***", "-u", "5"]),
        (["--db_password=s3cret"], ["--db_password=***"]),
        (["--fleet-token", "s3cret"], ["--fleet-token", "***"]),
        (["--use-token", "--headless"], ["--use-token", "--headless"]),
        (["--web-login", "x", "--keyword", "y"], ["--web-login", "x", "--keyword", "y"]),
    ],
)
def test_options_named_like_a_secret_are_shown_without_their_value(
    command: list[str], shown: list[str]
) -> None:
    assert without_secrets(command) == shown
