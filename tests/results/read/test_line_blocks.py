"""Files are read in blocks of whole lines; what can't be read is found line by line."""

from pathlib import Path

import pytest

from brownout_results.read.run_folder.line_blocks import Blocks

LINES = [f"{number * number}" for number in range(40)]


def numbers(block: str) -> list[int]:
    """Of lines of numbers."""
    return [int(line) for line in block.splitlines()]


@pytest.mark.parametrize("size", [1, 3, 7, 64, 10_000])
def test_every_line_is_read_once_whatever_the_size_of_a_block(size: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("\n".join(LINES) + "\n")
    blocks = Blocks(tmp_path / "file", size)

    read = [number for block in blocks.parsed(numbers) for number in block]

    assert read == [int(line) for line in LINES]
    assert (blocks.bad, blocks.is_cut_off) == ([], False)


@pytest.mark.parametrize("size", [1, 16, 10_000])
@pytest.mark.parametrize("bad", [[1], [40], [7, 8], [1, 20, 40], [*range(1, 41)]])
def test_lines_that_cant_be_read_are_left_out_and_numbered(bad: list[int], size: int, tmp_path: Path) -> None:
    lines = ["ü" if number in bad else line for number, line in enumerate(LINES, start=1)]
    (tmp_path / "file").write_text("\n".join(lines) + "\n")
    blocks = Blocks(tmp_path / "file", size)

    read = [number for block in blocks.parsed(numbers) for number in block]

    assert read == [int(line) for number, line in enumerate(LINES, start=1) if number not in bad]
    assert blocks.bad == bad


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_the_first_line_is_taken_apart_and_one_that_is_no_beginning_left_out(
    size: int, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x\n12\nx\n13\n")
    begun: list[int] = []
    blocks = Blocks(tmp_path / "file", size)

    read = [
        number for block in blocks.parsed(numbers, lambda line: begun.append(int(line))) for number in block
    ]

    assert (begun, read, blocks.bad) == ([12], [13], [1, 3])


def test_a_line_without_an_end_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("1\n2\n34")
    blocks = Blocks(tmp_path / "file", 2)

    assert list(blocks.parsed(numbers)) == [[1], [2]]
    assert blocks.is_cut_off
