"""A run folder that comes from a cluster: whole, or not there."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from brownout.cluster.fetch import unpack

FILES = {"run.json": b"{}", "samples.csv": b"second,replica\n" * 5000}


def archive(folder: str = "20260314T150926Z-a", files: dict[str, bytes] = FILES) -> bytes:
    """As the agent sends it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def test_a_folder_arrives_with_every_file(tmp_path: Path) -> None:
    folder = unpack(io.BytesIO(archive()), tmp_path / "runs")
    assert folder == tmp_path / "runs" / "20260314T150926Z-a"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def test_a_folder_whose_name_is_taken_gets_the_next_one(tmp_path: Path) -> None:
    names = [unpack(io.BytesIO(archive()), tmp_path).name for _ in range(3)]
    assert names == ["20260314T150926Z-a", "20260314T150926Z-a-2", "20260314T150926Z-a-3"]


def cut() -> bytes:
    """An archive whose end did not arrive."""
    whole = archive()
    return whole[: len(whole) // 2]


def climbing() -> bytes:
    """An archive that would write beside the folder."""
    return archive(files={"../../evil": b"x"})


def crowded() -> bytes:
    """Two folders."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name in ("a", "b"):
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE
            tar.addfile(member)
    return stream.getvalue()


@pytest.mark.parametrize("sent", [cut, climbing, crowded, lambda: b"no archive", lambda: b""])
def test_what_is_not_whole_or_not_a_folder_leaves_nothing(sent: Callable[[], bytes], tmp_path: Path) -> None:
    place = tmp_path / "runs"
    with pytest.raises((OSError, EOFError)):
        unpack(io.BytesIO(sent()), place)
    assert list(tmp_path.rglob("*")) == [place]
