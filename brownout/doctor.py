"""`brownout doctor`: what this machine has, and what is missing for which fleet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from brownout import meeting, preflight
from brownout.project.checks import complaints, variants_of
from brownout.project.read import ProjectSettings
from brownout.run_input import DEFAULT_OUT
from brownout_fleet.checkup import CheckResult
from brownout_fleet.fleet_kinds import FLEET_KINDS
from brownout_fleet.kind import FleetKind, is_installed, load
from brownout_terms.exits import Exit


def report(kinds: Iterable[FleetKind] = FLEET_KINDS.values(), project: ProjectSettings | None = None) -> Exit:
    """Print every finding of the file and by fleet, then those of the machine.

    UNABLE if the file's service, or without a file the first fleet, can't run.
    """
    console = Console(highlight=False)
    ready = []
    if project:
        found = [*of_project(project)]
        ready.append(all(one.ok for one in found))
        _show(console, project.name, "ready" if ready[-1] else "something is missing", found, "miss")
    for kind in kinds:
        found = [*findings(kind)]
        ready.append(all(finding.ok for finding in found))
        _show(console, f"{kind.name} fleet", "ready" if ready[-1] else "something is missing", found, "miss")
    found = [*preflight.folders(DEFAULT_OUT), *preflight.of_machine(thorough=True)]
    found += [meeting.check(meeting.Meeting("*", meeting.PORT))]
    _show(console, "this machine", "ready" if all(one.ok for one in found) else "see below", found, "mind")
    return Exit.PASSED if ready[0] else Exit.UNABLE


def of_project(project: ProjectSettings) -> Iterator[CheckResult]:
    """What keeps the service of brownout.toml from being started and loaded, or that nothing does."""
    wrong = {
        str(error) for one in (None, *variants_of(project).values()) for error in complaints(project, one)
    }
    for text in sorted(wrong):
        what, _, remedy = text.rpartition(". ")
        yield CheckResult("brownout.toml", False, what or text, remedy if what else "")
    if not wrong:
        names = ", ".join(project.dependencies) or "none"
        yield CheckResult(project.layers[-1].name, True, f"describes {project.name}; dependencies: {names}")


def _show(console: Console, what: str, verdict: str, found: Iterable[CheckResult], bad: str) -> None:
    console.print(Text.assemble((what, "bold"), f": {verdict}"))
    for finding in found:
        sign = Text(" ok    ", "green") if finding.ok else Text(f" {bad}  ", "red")
        console.print(Text.assemble(sign, f"{finding.name}: {finding.found}"), soft_wrap=True)
        if finding.remedy and not finding.ok:
            console.print(Text(f"       → {finding.remedy}"), soft_wrap=True)


def findings(kind: FleetKind) -> Iterator[CheckResult]:
    """What one kind of fleet needs; nothing more is asked where its Python package is missing."""
    for package in kind.needs:
        there = is_installed(package)
        found = "installed" if there else "not installed"
        yield CheckResult(f"Python package {package}", there, found, kind.install)
    if kind.checks and not kind.absent:
        yield from load(kind.checks)()
