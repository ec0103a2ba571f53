"""A new kind of fault is one file: everything that lists, reads, writes or serves kinds follows from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import brownout_faults

STALL = '''
from typing import Annotated, ClassVar

from brownout_faults.fault import Fault, setting
from brownout_faults.registry import register


@register
class Stall(Fault, tag="stall"):
    """Wait before the answer."""

    pause_ms: Annotated[int, setting("pause", "Time to wait.", unit="ms", suggested=50, ge=0, le=5000)] = 0

    label = "stalls"
    phrase = "{rate} stalls of {pause_ms}"
    example: ClassVar = {"rate": 0.25, "pause_ms": 20}
    answers = False

    def inject(self, call):
        call.wait(self.pause_ms / 1000)
'''

USES = """
import json
from click.testing import CliRunner
from werkzeug.test import Client
from brownout.cli import cli
from brownout.fault_text import FaultTextError, parse_fault
from brownout_faults import FaultInjector, write_fault
from tests.backend.strangers import respond
from tests.test_docs_tables import kinds_of_fault

def refused(text):
    try:
        parse_fault(text)
    except FaultTextError as error:
        return str(error)

client = Client(FaultInjector(respond))
served = json.loads(client.get("/faults/kinds").data)["kinds"]
put = client.put("/faults", json={"faults": [{"kind": "stall", "pause_ms": 1}]})
client.get("/data")
print(json.dumps({
    "served": [kind["kind"] for kind in served],
    "put": put.status_code,
    "injected": json.loads(client.get("/faults").data)["injected"]["stall"],
    "wrong": client.put("/faults", json={"faults": [{"kind": "stall", "pause_ms": 9999}]}).status_code,
    "typed": parse_fault("stall=25%"),
    "refused": refused("stall=25%,pause=6s"),
    "words": write_fault({"kind": "stall", "rate": 0.25, "pause_ms": 20}),
    "options": CliRunner().invoke(cli, ["faults", "set", "--help"]).output,
    "run": CliRunner().invoke(cli, ["run", "--fault", "stall=25%,pause=6s"]).output,
    "docs": kinds_of_fault(),
}))
"""


@pytest.mark.parametrize("place", ["a file in the package", "a stranger's module"])
def test_a_new_kind_of_fault_is_one_file(place: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    if place == "a stranger's module":
        (tmp_path / "shop_faults.py").write_text(STALL)
        environment["BROWNOUT_FAULT_MODULES"] = "shop_faults"
    else:
        package = tmp_path / "brownout_faults"
        shutil.copytree(Path(brownout_faults.__file__).parent, package)
        (package / "kinds" / "stall.py").write_text(STALL)
    root = Path(__file__).parents[2]
    used = subprocess.run(
        [sys.executable, "-c", USES], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert used.returncode == 0, used.stderr
    seen = json.loads(used.stdout)
    assert "stall" in seen["served"]
    assert (seen["put"], seen["injected"], seen["wrong"]) == (200, 1, 400)
    assert seen["typed"] == {"kind": "stall", "rate": 0.25, "pause_ms": 50}
    assert seen["refused"] == "pause_ms is 6000; allowed: a whole number from 0 to 5000"
    assert seen["words"] == "25 % stalls of 20 ms"
    assert "--stall FAULT" in seen["options"]
    assert "As in --stall 25%,pause=20ms" in " ".join(seen["options"].split())
    assert "pause_ms is 6000; allowed" in seen["run"]
    assert (
        "| `stall` | Wait before the answer. | `stall=25%,pause=20ms` | 25 % stalls of 20 ms |"
        in seen["docs"]
    )
