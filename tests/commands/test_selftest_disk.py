"""A round of a selftest has a disk of its own to fill, where it may."""

import os
import shutil
from pathlib import Path

import pytest

from brownout.selftest.disk import disk_of, has_own_disk

MAY_MOUNT = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("mount") is not None


@pytest.mark.skipif(not MAY_MOUNT, reason="only root may mount a disk")
def test_what_is_on_the_disk_stays_when_it_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "round"
    folder.mkdir()
    with disk_of(folder, 1) as is_mounted:
        if not is_mounted:
            pytest.skip("this system mounts no disk, not even for root")
        assert has_own_disk(folder)
        (folder / "run.json").write_text("{}")
        with pytest.raises(OSError, match="No space left"):
            (folder / "filler").write_bytes(b"0" * 2_000_000)
        (folder / "filler").unlink()

    assert not has_own_disk(folder)
    assert [path.name for path in folder.iterdir()] == ["run.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["round"]


def test_without_a_size_there_is_no_disk(tmp_path: Path) -> None:
    with disk_of(tmp_path, 0) as is_mounted:
        assert not is_mounted
        assert not has_own_disk(tmp_path)
