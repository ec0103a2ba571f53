"""A text file in blocks of whole lines, for parsers that are faster with many lines at once.

A line that can't be read is found by halving the block that it is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

BYTES = 1 << 19
"""Size of a block: some thousand lines, whose numbers fit into the processor's caches."""

T = TypeVar("T")


class Blocks:
    """The blocks of a file, and what was wrong with it."""

    def __init__(self, path: Path, size: int = BYTES, first: int = 0, end: int | None = None) -> None:
        """Read the file from byte `first` to before `end`; a line begins at both. None means to the end."""
        self.lines = 0
        """How many were taken."""

        self.bad: list[int] = []
        """Numbers of lines that can't be read, the first being 1."""

        self.is_cut_off = False
        """Whether the last line has no end; it is left out."""

        self._path = path
        self._size = size
        self._first = first
        self._end = end

    def parsed(self, parse: Callable[[str], T], begin: Callable[[str], None] | None = None) -> Iterator[T]:
        """What `parse` makes of each block, a text in which every line ends with a newline. Of a block for
        which it raises `ValueError` it is asked again in parts, down to single lines. Raises OSError.

        `begin` gets the first line, without its end, and `parse` then what follows; if it raises `ValueError`
        as well, it gets the next line."""
        number = 1
        is_begun = begin is None
        for block in self._blocks():
            rest = block
            while begin and rest and not is_begun:
                header, _, rest = rest.partition("\n")
                is_begun = self._is_begun(begin, header, number)
                number += 1
            if rest:
                yield from self._parts(rest, number, parse)
            number += rest.count("\n")
            self.lines = number - 1

    def _is_begun(self, begin: Callable[[str], None], header: str, number: int) -> bool:
        try:
            begin(header)
        except ValueError:
            self.bad.append(number)
            return False
        return True

    def _blocks(self) -> Iterator[str]:
        rest = b""
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._first)
            while data := file.read(self._next(file.tell())):
                end = data.rfind(b"\n") + 1
                if end:
                    yield (rest + data[:end]).decode("utf-8", "replace")
                    rest = data[end:]
                else:
                    rest += data
        self.is_cut_off = bool(rest)

    def _next(self, at: int) -> int:
        """How many bytes to read at this place."""
        return self._size if self._end is None else min(self._size, self._end - at)

    def _parts(self, block: str, number: int, parse: Callable[[str], T]) -> Iterator[T]:
        try:
            parsed = parse(block)
        except ValueError:
            middle = block.rfind("\n", 0, len(block) // 2) + 1 or block.find("\n") + 1
            if middle == len(block):
                self.bad.append(number)
                return
            yield from self._parts(block[:middle], number, parse)
            yield from self._parts(block[middle:], number + block.count("\n", 0, middle), parse)
        else:
            yield parsed
