"""Which files belong to the run that a user named: by prefix, by folder, or by one of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .cells import lines
from .errors import LocustCsvError
from .foreign import HEAD, foreign_kind, is_binary
from .headers import Header, Kind, header_of
from .opened import read_bytes

ALLOWED = (
    "Name one of Locust's files (PREFIX_stats.csv, PREFIX_stats_history.csv, an export of its page), the "
    "PREFIX of its --csv option, or a folder or an archive that has the files of one run."
)
EXPORTS = (".json", ".html", ".htm")
TABLES = (".csv", ".tsv")
COMPRESSED = ".gz"


@dataclass(frozen=True)
class Found:
    """The files of one run."""

    name: str
    files: Mapping[Kind, tuple[Path, Header]]
    exports: Sequence[Path]
    """Locust's HTML report and its JSON export."""

    problems: Sequence[str] = ()
    """Problems with files that are named like Locust's but contain something else."""

    named: Path | None = None
    """The one file that was named; None if a prefix or a folder was."""


def find(path: Path) -> Found:
    """The files. Raises `LocustCsvError`."""
    if path.is_dir():
        return _in_folder(path)
    if path.is_file():
        return _beside(path)
    if found := _of_prefix(path.parent, path.name):
        return found
    raise LocustCsvError(f'There is no "{path}", and no "{path}{Kind.STATS}" either.\n\n{ALLOWED}')


def prefix_of(name: str) -> str | None:
    """The prefix in a file's name; None if it ends as none of Locust's does."""
    ends = sorted(Kind, key=len, reverse=True)
    plain = name.removesuffix(COMPRESSED)
    return next((plain.removesuffix(end) for end in ends if plain.endswith(end)), None)


def is_export(name: str) -> bool:
    """Whether a file of this name is an export."""
    return name.lower().removesuffix(COMPRESSED).endswith(EXPORTS)


def _existing(folder: Path, prefix: str, ends: Sequence[str]) -> list[Path]:
    """Files with one of these ends, compressed or not."""
    both = ([folder / f"{prefix}{end}", folder / f"{prefix}{end}{COMPRESSED}"] for end in ends)
    return [path for pair in both for path in [one for one in pair if one.is_file()][:1]]


def _of_prefix(folder: Path, prefix: str) -> Found | None:
    paths = _existing(folder, prefix, list(Kind))
    exports = _existing(folder, prefix, EXPORTS) if prefix else []
    if not paths and not exports:
        return None
    known = _known(paths)
    others = [path for path in paths if path not in [one for one, _ in known.values()]]
    if others and not known and not exports:
        raise LocustCsvError(_not_ours(others[0]))
    return Found(prefix or folder.resolve().name, known, exports, [_left_out(path) for path in others])


def _beside(path: Path) -> Found:
    """The named file, and those that belong to it by their names."""
    if is_export(path.name):
        stem = Path(path.name.removesuffix(COMPRESSED)).stem
        found = _of_prefix(path.parent, stem) or Found(stem, {}, [path])
        return replace(found, exports=sorted({*found.exports, path}), named=path)
    prefix = prefix_of(path.name)
    alone = _known([path])
    if not alone:
        raise LocustCsvError(_not_ours(path))
    together = _of_prefix(path.parent, prefix) if prefix is not None else None
    if together is None or path not in [one for one, _ in together.files.values()]:
        return Found(Path(path.name.removesuffix(COMPRESSED)).stem, alone, [], named=path)
    return replace(together, named=path)


def _in_folder(folder: Path) -> Found:
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise LocustCsvError(f'"{folder}" can\'t be read: {error.strerror}.') from error
    prefixes = sorted({prefix for name in names if (prefix := prefix_of(name)) is not None})
    if len(prefixes) > 1:
        several = ", ".join(f'"{folder / (prefix or "_")}"' for prefix in prefixes[:5])
        raise LocustCsvError(f'"{folder}" has the files of {len(prefixes)} runs. Name one: {several}.')
    if prefixes and (found := _of_prefix(folder, prefixes[0])):
        return found
    paths = [folder / name for name in names if name.lower().removesuffix(COMPRESSED).endswith(TABLES)]
    if known := _known(paths):
        return Found(folder.resolve().name, known, [])
    if len(exports := [folder / name for name in names if is_export(name)]) == 1:
        return Found(Path(exports[0].name.removesuffix(COMPRESSED)).stem, {}, exports)
    if len(paths) == 1:
        raise LocustCsvError(_not_ours(paths[0]))
    raise LocustCsvError(f'"{folder}" contains no file of a run{_others_in(folder, names)}.\n\n{ALLOWED}')


def _others_in(folder: Path, names: Sequence[str]) -> str:
    """Say what a file of the folder is, if it is of a kind that is known; the first such of a few."""
    for path in (folder / name for name in names[:20]):
        try:
            with path.open("rb") as file:
                kind = foreign_kind(file.read(HEAD))
        except OSError:
            continue
        if kind:
            return f'; "{path.name}" in it is {kind.what}. {kind.remedy}'
    return ""


def _known(paths: Sequence[Path]) -> dict[Kind, tuple[Path, Header]]:
    """The files by what their headers say they are. Raises `LocustCsvError` if two are the same."""
    known: dict[Kind, tuple[Path, Header]] = {}
    for path in paths:
        first = next(lines(path), None)
        header = header_of(first.cells) if first else None
        if header is None:
            continue
        if header.kind in known:
            raise LocustCsvError(
                f'"{known[header.kind][0]}" and "{path}" are both {header.kind} files. '
                "Name the one that is meant."
            )
        known[header.kind] = (path, header)
    return known


def _not_ours(path: Path) -> str:
    return f'"{path}" {_what_is_wrong(path)}.\n\n{ALLOWED}'


def _left_out(path: Path) -> str:
    return f"{path.name} {_what_is_wrong(path)}; it is left out"


def _what_is_wrong(path: Path) -> str:
    """Say what is wrong with a file whose first line is not a header of Locust's."""
    try:
        head = read_bytes(path)[:HEAD]
    except OSError as error:
        return f"can't be read: {error.strerror or error}"
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf"):
        return "is empty: Locust had not written it yet when it ended"
    if kind := foreign_kind(head):
        return f"is {kind.what}. {kind.remedy}"
    if is_binary(head):
        return "is not a CSV file of Locust's: it is no text"
    first = next(lines(path), None)
    if first is None:
        return "is empty: Locust had not written it yet when it ended"
    if {"timestamp", "requests/s"} <= {cell.strip().lower() for cell in first.cells}:
        return (
            "has rates and no counts (Total Request Count, Total Failure Count), from which figures are "
            "computed. Name the file as Locust wrote it, or PREFIX_stats.csv"
        )
    shown = ",".join(first.cells)
    told = shown if len(shown) <= 120 else f"{shown[:117]}..."
    return (
        f"is not a CSV file of Locust's: line {first.number} is {told!a} and not a header such as "
        '"Type,Name,Request Count,Failure Count,…"'
    )


def why_no_export(path: Path) -> str:
    """Say why a file that is named as an export is none; empty if it is nothing else that is known."""
    try:
        kind = foreign_kind(read_bytes(path)[:HEAD])
    except OSError:
        return ""
    return f'"{path}" is {kind.what}. {kind.remedy}.' if kind else ""
