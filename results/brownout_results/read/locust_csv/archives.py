"""Archives of a run's files (.zip, .tar, .tar.gz): unpacked to a folder that is gone again afterwards."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO

from .errors import LocustCsvError
from .opened import GZIP, LARGEST_FILE

BLOCK = 512
"""Bytes of a tar file's first header."""

WANTED = (".csv", ".json", ".html", ".htm", ".gz")


def is_archive(path: Path) -> bool:
    """Whether the file is an archive; a workbook, which is one inside, is not meant."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return not {"[Content_Types].xml", "mimetype"} & set(archive.namelist())
    with path.open("rb") as file:
        head = file.read(BLOCK)
    if head.startswith(GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, BLOCK)
        except zlib.error:
            return False
    return head[257:262] == b"ustar"


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The folder with the files of the one run in the archive. Raises `LocustCsvError`."""
    with TemporaryDirectory(prefix="brownout-") as temporary:
        try:
            folders = _unpack(path, Path(temporary))
        except (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, tarfile.TarError) as error:
            raise LocustCsvError(
                f'"{path}" can\'t be unpacked: {error}. Unpack it, and name its folder.'
            ) from error
        if len(folders) != 1:
            inside = ", ".join(f'"{folder.relative_to(temporary)}"' for folder in folders[:5])
            told = (
                f"has files in {len(folders)} folders ({inside})"
                if folders
                else "contains no CSV, JSON or HTML"
            )
            raise LocustCsvError(f'"{path}" {told}. Unpack it, and name the files of one run.')
        yield folders[0]


def _unpack(path: Path, target: Path) -> Sequence[Path]:
    """Write the members below `target`, and return the folders that got any. Names that lead out are cut."""
    left, folders = LARGEST_FILE, dict[Path, None]()
    for name, size, content in _members(path):
        parts = [
            part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..", ".")
        ]
        if not parts or "__MACOSX" in parts or parts[-1].startswith("._"):
            continue
        left -= size
        if left < 0:
            raise ValueError(f"it contains more than {LARGEST_FILE >> 30} GiB")
        file = target.joinpath(*parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as out:
            copyfileobj(content, out)
        folders[file.parent] = None
    return list(folders)


def _members(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for one in archive.infolist():
                if one.filename.lower().endswith(WANTED):
                    with archive.open(one) as content:
                        yield one.filename, one.file_size, content
        return
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.name.lower().endswith(WANTED) else None
            if file is not None:
                with file:
                    yield member.name, member.size, file
