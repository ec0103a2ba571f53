"""A new policy preset is one entry of one file: command line, client and documentation follow from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import brownout_client

PRESET = """

PRESETS["patient"] = msgspec.structs.replace(PRESETS["full"], deadline_s=60.0)
"""

USES = """
import json
from click.testing import CliRunner
from brownout.cli import cli
from brownout_client.app import create_app
from tests.test_docs_tables import policy_presets

def said(*arguments):
    return " ".join(CliRunner().invoke(cli, [*arguments]).output.split())

client = create_app({"POLICY": "patient", "BACKEND_URL": "http://127.0.0.1:9"}).test_client()
print(json.dumps({
    "own": client.get("/policy").json,
    "set": client.put("/policy", json={"preset": "patient", "retry": {"attempts": 2}}).status_code,
    "help": [said(command, "--help") for command in ("run", "up", "policy", "compare-policies")],
    "refused": said("compare-policies", "hasty"),
    "docs": policy_presets(),
}))
"""


def test_a_new_preset_is_one_entry(tmp_path: Path) -> None:
    package = tmp_path / "brownout_client"
    shutil.copytree(Path(brownout_client.__file__).parent, package)
    policy = package / "policy.py"
    policy.write_text(f"import msgspec\n{policy.read_text()}{PRESET}")
    used = subprocess.run(
        [sys.executable, "-c", USES],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert used.returncode == 0, used.stderr
    seen = json.loads(used.stdout)
    assert (seen["own"]["name"], seen["own"]["policy"]["deadline_s"]) == ("patient", 60)
    assert list(seen["own"]["presets"]) == ["none", "retry", "breaker", "full", "lab", "patient"]
    assert seen["set"] == 200
    assert all("patient" in text for text in seen["help"]), seen["help"]
    assert seen["refused"].endswith(", lab, patient")
    assert seen["docs"].splitlines()[0].endswith("| `lab` | `patient` |")
