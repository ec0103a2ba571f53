"""Which files belong to the run that a user named: by prefix, by folder, or by one of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .cells import lines
from .errors import LocustCsvError
from .headers import Header, Kind, header_of

ALLOWED = (
    "Name one of Locust's files (PREFIX_stats.csv, PREFIX_stats_history.csv, an export of its page), the "
    "PREFIX of its --csv option, or a folder that has the files of one run."
)
EXPORTS = (".json", ".html")


@dataclass(frozen=True)
class Found:
    """The files of one run."""

    name: str
    files: Mapping[Kind, tuple[Path, Header]]
    exports: Sequence[Path]
    """Locust's HTML report and its JSON export."""

    problems: Sequence[str] = ()
    """Problems with files that are named like Locust's but contain something else."""


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
    return next((name.removesuffix(end) for end in ends if name.endswith(end)), None)


def _of_prefix(folder: Path, prefix: str) -> Found | None:
    paths = [path for kind in Kind if (path := folder / f"{prefix}{kind}").is_file()]
    exports = [path for end in EXPORTS if prefix and (path := folder / f"{prefix}{end}").is_file()]
    if not paths and not exports:
        return None
    known = _known(paths)
    others = [path for path in paths if path not in [one for one, _ in known.values()]]
    if others and not known and not exports:
        raise LocustCsvError(_not_ours(others[0]))
    return Found(prefix or folder.resolve().name, known, exports, [_left_out(path) for path in others])


def _beside(path: Path) -> Found:
    if path.suffix.lower() in EXPORTS:
        return _of_prefix(path.parent, path.stem) or Found(path.stem, {}, [path])
    prefix = prefix_of(path.name)
    alone = _known([path])
    if not alone:
        raise LocustCsvError(_not_ours(path))
    together = _of_prefix(path.parent, prefix) if prefix is not None else None
    return together or Found(path.stem, alone, [])


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
    paths = [folder / name for name in names if name.lower().endswith(".csv")]
    if known := _known(paths):
        return Found(folder.resolve().name, known, [])
    if len(exports := [folder / name for name in names if name.lower().endswith(EXPORTS)]) == 1:
        return Found(exports[0].stem, {}, exports)
    if len(paths) == 1:
        raise LocustCsvError(_not_ours(paths[0]))
    raise LocustCsvError(f'"{folder}" contains no file of a run.\n\n{ALLOWED}')


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
    first = next(lines(path), None)
    if first is None:
        return "is empty: Locust had not written it yet when it ended"
    shown = ",".join(first.cells)
    told = shown if len(shown) <= 120 else f"{shown[:117]}..."
    return (
        f"is not a CSV file of Locust's: line {first.number} is {told!a} and not a header such as "
        '"Type,Name,Request Count,Failure Count,…"'
    )
