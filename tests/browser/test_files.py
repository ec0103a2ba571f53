"""What the page is made of, without a browser."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

from brownout_client.policy_fields import FIELDS
from brownout_faults.registry import kinds
from brownout_loadtest.shapes import SHAPES, parameters_of
from brownout_panel import __file__ as panel_file
from brownout_results.vendor import FOLDER as VENDOR

PAGE = Path(panel_file).with_name("page")
STATIC = PAGE / "static"
HTML = (PAGE / "templates" / "panel.html").read_text()
SCRIPTS = sorted(STATIC.glob("*.js"))
MADE = {"terms.js", "terms.css"}
"""Files that the panel makes of the shared words; tests/panel asks for them."""


def test_the_vendored_library_is_the_one_that_its_note_names() -> None:
    folder = VENDOR / "plotly"
    note = (folder / "VERSIONS.md").read_text()
    library = (folder / "plotly-basic.min.js").read_bytes()
    assert hashlib.sha256(library).hexdigest() in note
    found = re.search(rb"plotly\.js \(basic - minified\) v([\d.]+)", library)
    assert found
    assert found[1].decode() == get_plotlyjs_version(), "the package makes charts for another version"
    assert f"version {get_plotlyjs_version()}" in note
    assert "MIT" in (folder / "LICENSE").read_text()


def test_the_page_loads_its_own_files_and_nothing_else() -> None:
    links = re.findall(r'(?:src|href)="([^"#]+)"', HTML)
    files = [link for link in links if link not in ("../", "runs/")]  # Locust's page, the reports
    own = [file for file in files if "/vendor/" not in file and Path(file).name not in MADE]
    assert all((STATIC.parent / file).is_file() for file in own), own
    shared = [file.removeprefix("static/vendor/") for file in files if "/vendor/" in file]
    assert shared
    assert all((VENDOR / file).is_file() for file in shared), shared


def test_nothing_is_inline() -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", HTML)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_what_there_is_and_makes_no_html_of_text(script: Path) -> None:
    text = script.read_text()
    imports = re.findall(r'from "\./([^"]+)"', text)
    assert all((STATIC / name).is_file() for name in imports if name not in MADE)
    assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\b|new Function", text)


def test_every_id_that_a_script_asks_for_is_on_the_page() -> None:
    ids = set(re.findall(r'\bid="([^"]+)"', HTML))
    asked = {name for script in SCRIPTS for name in re.findall(r'\bfind\("([^"]+)"\)', script.read_text())}
    assert asked <= ids


def test_no_script_knows_a_load_shape() -> None:
    """The form is made of what the load says of its shapes; "steady" and the like are only theirs."""
    names = [*SHAPES, *(parameter.name for shape in SHAPES.values() for parameter in parameters_of(shape))]
    known = rf'["\'`]({"|".join(names)})["\'`]'
    assert {
        script.name: found for script in SCRIPTS if (found := re.findall(known, script.read_text()))
    } == {}


def test_no_script_knows_a_setting_of_the_policy() -> None:
    """The form is made of what the clients say of their settings."""
    texts = {script.name: script.read_text() for script in SCRIPTS}
    assert [(name, one.path) for name, text in texts.items() for one in FIELDS if one.path in text] == []


def test_no_script_knows_a_kind_of_fault() -> None:
    """The form is made of what the panel says of the kinds; "error" and "latency" name other things too."""
    names = "|".join(sorted({kind.kind() for kind in kinds()} - {"error", "latency"}))
    found = {script.name: re.findall(rf'["\'`]({names})["\'`]', script.read_text()) for script in SCRIPTS}
    assert {name for name, those in found.items() if those} == set()
