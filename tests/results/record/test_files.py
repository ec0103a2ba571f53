"""Files that stay readable: on a full disk (here: a limit on the size of files, which the kernel
enforces)."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from brownout_results.record.files import GrowingFile, replace


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Writing beyond `size` fails, after what still fits has been written: like a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def is_failing(file: GrowingFile) -> bool:
    return file.error is not None


def waits_since(file: GrowingFile) -> float | None:
    return file.waits_since


def test_a_block_that_does_not_fit_leaves_no_part_of_itself_and_comes_later(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "log")
    file.append("one\n")
    with no_file_longer_than(10):
        file.append("a long block\n")
        assert is_failing(file)
        since = waits_since(file)
        assert since is not None
        assert file.path.read_text() == "one\n"
        file.append("two\n")
        assert file.path.read_text() == "one\n", "blocks must stay in order"
        assert waits_since(file) == since, "the first block is the oldest that waits"
    file.append("three\n")

    assert waits_since(file) is None
    assert not is_failing(file)
    file.close()
    assert file.path.read_text() == "one\na long block\ntwo\nthree\n"
    assert file.lost_blocks == 0


def test_a_disk_that_stays_full_costs_the_oldest_blocks_and_they_are_counted(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "log", kept_bytes=12)
    with no_file_longer_than(0):
        for number in range(5):
            file.append(f"row {number}\n")
    file.append("row 5\n")
    file.close()

    assert file.path.read_text() == "row 3\nrow 4\nrow 5\n"
    assert file.lost_blocks == 3


def test_what_still_waits_at_the_end_counts_as_lost(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "log")
    with no_file_longer_than(0):
        file.append("never\n")
        file.close()

    assert file.lost_blocks == 1


def test_a_file_that_is_there_already_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("old")

    with pytest.raises(FileExistsError):
        GrowingFile(tmp_path / "log")


def test_a_replacement_that_does_not_fit_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "table"
    replace(path, "old")
    with no_file_longer_than(5), pytest.raises(OSError, match="File too large"):
        replace(path, "much longer", durable=True)

    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]
