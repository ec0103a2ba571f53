"""What holds for the repository as a whole: names, links, sizes, and the version in one place."""

import ast
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from tests.servers import ROOT

VERSION_FILE = Path("services/faults/brownout_faults/version.py")
FILES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
TEXTS = [path for path in FILES if path.suffix == ".md"]
PYTHON = [path for path in FILES if path.suffix == ".py"]

OLD_NAMES = re.compile(
    r"""(?:^|\s)(?:from|import)\s+(?:services|loadtest|panel|k8s|chaos|results)(?:\.|\s)"""
    r"""|["'](?:services|loadtest|panel|k8s|chaos|results)\.(?!py\b|toml\b|html\b|json\b)[a-z_]+(?:\.[a-z_]+)*(?::\w+)?["']""",
    re.MULTILINE,
)
MAY_SAY_OLD_NAMES = ("chaos", "tests", "CHANGELOG.md")
"""The notice for old experiment files, tests of it, and the changelog, which tells what to rename."""


MOST_LINES = 330
MOST_LINES_OF_A_FUNCTION = 60
MOST_TYPE_IGNORES = 20


def test_nothing_says_the_old_import_names() -> None:
    found = []
    for path in FILES:
        relative = path.relative_to(ROOT)
        if path.suffix not in (".py", ".md", ".toml", ".json", ".yaml", ".yml", ""):
            continue
        if relative.parts[0] in MAY_SAY_OLD_NAMES or relative.parts[0] == "lock":
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [f"{relative}: {match[0].strip()}" for match in OLD_NAMES.finditer(text)]
    assert found == []


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_or_heading_of_ours_resolves(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text("utf-8")):
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (heading and heading not in headings(file)):
            broken.append(target)
    assert broken == []


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    lines = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_command_of_a_page_exists(page: Path) -> None:
    goals = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    said = set(re.findall(r"(?:`|\$ )make ([a-z][a-z0-9-]*)", page.read_text("utf-8")))
    assert said <= goals


def test_no_file_refers_to_a_place_outside_the_repository() -> None:
    """But for one variable with a default, in .ci/run."""
    outside = re.compile(r"(?<![\w.])\.\./shared/|/work/(?:shared|main|tmp|wt)\b")
    found = []
    for path in FILES:
        if path.suffix in (".png", ".js", ".woff2", ".gz"):
            continue
        lines = path.read_text("utf-8", errors="replace").splitlines()
        found += [f"{path.relative_to(ROOT)}: {line}" for line in lines if outside.search(line)]
    mine = [one for one in found if not one.startswith("tests/test_house.py: ")]
    assert [one.partition(":-")[0] for one in mine] == [".ci/run: docker_host=${DOCKER_HOST_PROGRAM"]


def test_no_python_file_is_longer_than_it_may_be() -> None:
    """Product, tests, benchmarks and examples alike."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in PYTHON}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_function_is_longer_than_it_may_be() -> None:
    """Without its decorators: the options of a command, the table of a test."""
    found = {}
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > MOST_LINES_OF_A_FUNCTION:
                    found[f"{path.relative_to(ROOT)}: {node.name}"] = length
    assert found == {}


def test_a_class_name_means_one_thing() -> None:
    """But for the services, each of which is deployable without the others and has parts like theirs."""
    elsewhere = ("tests", "bench", "examples", "services/backend", "services/client")
    places: dict[str, set[str]] = {}
    for path in PYTHON:
        name = str(path.relative_to(ROOT))
        if not name.startswith(elsewhere):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    places.setdefault(node.name, set()).add(name)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_exceptions_to_the_types_are_few_and_have_a_reason() -> None:
    found = []
    for path in PYTHON:
        with path.open("rb") as file:
            tokens = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
        found += [
            f"{path.relative_to(ROOT)}:{token.start[0]} {token.string}"
            for token in tokens
            if re.match(r"#\s*type:\s*ignore", token.string)
        ]
    assert [one for one in found if not re.search(r"ignore\[[\w, -]+\]\s+# \S", one)] == []
    assert len(found) <= MOST_TYPE_IGNORES, "\n".join(found)


def test_the_version_is_raised_by_one_edit(tmp_path: Path) -> None:
    """In a copy of the repository: both wheels and the editable install have the new version."""
    for path in FILES:
        target = tmp_path / path.relative_to(ROOT)
        if path.suffix != ".png":
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    (tmp_path / VERSION_FILE).write_text('"""Raised."""\n\n__version__ = "7.8.9"\n')

    for project in ("services/faults", "."):
        for kind in ("standard", "editable"):
            build(tmp_path / project, kind, tmp_path / kind)

    names = sorted(path.name for path in (tmp_path / "standard").iterdir())
    assert names == ["brownout-7.8.9-py3-none-any.whl", "brownout_faults-7.8.9-py3-none-any.whl"]
    assert sorted(path.name for path in (tmp_path / "editable").iterdir()) == names


def build(project: Path, kind: str, folder: Path) -> None:
    """Build a wheel as pip does: by the backend's own function, in the project's folder."""
    function = "build_editable" if kind == "editable" else "build_wheel"
    folder.mkdir(exist_ok=True)
    code = f"from hatchling.build import {function}; {function}({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True, capture_output=True, timeout=60)


def test_the_changelog_tells_of_the_version() -> None:
    version = re.search(r'__version__ = "(.+)"', (ROOT / VERSION_FILE).read_text())
    assert version
    assert f"\n## {version[1]} (" in (ROOT / "CHANGELOG.md").read_text("utf-8")
