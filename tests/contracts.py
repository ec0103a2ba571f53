"""An import-linter contract by allow-list: a new import between rooms fails until it is listed."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowList(Contract):
    """`allowed` has a line per room: "room -> room, room.part", "room -> nothing" or "room -> *"."""

    allowed: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Direct imports alone: an indirect one has a direct one on its way that is listed or not."""
        del verbose
        rules = dict(_rule(line) for line in self.allowed)
        rooms = {module.partition(".")[0] for module in graph.modules}
        found = [f'"{room}" has no line in the allow-list' for room in sorted(rooms - rules.keys())]
        for module in sorted(graph.modules):
            may = rules.get(module.partition(".")[0], [])
            imports = sorted(graph.find_modules_directly_imported_by(module))
            found += [f"{module} imports {one}" for one in imports if not _is_allowed(module, one, may)]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say what is not allowed."""
        for line in check.metadata["found"]:
            output.print_error(line)


def _rule(line: str) -> tuple[str, list[str]]:
    room, _, names = line.partition("->")
    return room.strip(), [name.strip() for name in names.split(",")]


def _is_allowed(module: str, imported: str, may: list[str]) -> bool:
    room = module.partition(".")[0]
    return any(name == "*" or _is_in(imported, name) for name in [room, *may])


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
