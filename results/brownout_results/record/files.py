"""Files that are readable after a crash at any moment: one only grows, the other is replaced as a whole.

What was handed to the kernel survives the death of the process; to survive a power cut as well is asked for
(fsync) only where it is said.
"""

from __future__ import annotations

import os
import time
from collections import deque
from contextlib import suppress
from pathlib import Path


class GrowingFile:
    """A file to which whole blocks are appended, never parts of one, even if the disk is full at times.

    A block that could not be written waits for the next try. At most `kept_bytes` wait; older blocks are then
    given up and counted, so that a long full disk does not eat the memory of the load generator.
    """

    def __init__(self, path: Path, kept_bytes: int = 16 * 1024 * 1024) -> None:
        """Makes the file, which must not exist yet. Raises `OSError`."""
        self.path = path
        self.lost_blocks = 0
        self.error: OSError | None = None
        """Why the last try failed; None once everything is written."""
        self.waits_since: float | None = None
        """When the oldest block came that waits, by the monotonic clock; None once everything is written."""
        self._kept_bytes = kept_bytes
        self._waiting: deque[bytes] = deque()
        self._written = 0
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def append(self, block: str | bytes) -> None:
        """Write the block, after all that wait; if that fails, `error` says why, and the block waits."""
        if block:
            self._waiting.append(block.encode("utf-8", "replace") if isinstance(block, str) else block)
        self.retry()

    def retry(self) -> None:
        """Write what waits."""
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except OSError as error:
                self.error = error
                self.waits_since = self.waits_since or time.monotonic()
                self._give_up_oldest()
                return
            self._waiting.popleft()
        self.error = self.waits_since = None

    def close(self) -> None:
        """Try a last time and close; blocks that still wait count as lost."""
        self.retry()
        self.lost_blocks += len(self._waiting)
        self._waiting.clear()
        os.close(self._fd)

    def fileno(self) -> int:
        """The open file's descriptor."""
        return self._fd

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self.path.name

    def _write(self, block: bytes) -> None:
        """Write all of the block or, as far as a reader can see, nothing of it."""
        done = 0
        try:
            while done < len(block):
                done += os.pwrite(self._fd, block[done:], self._written + done)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self._written)
            raise
        self._written += done

    def _give_up_oldest(self) -> None:
        while sum(map(len, self._waiting)) > self._kept_bytes:
            self._waiting.popleft()
            self.lost_blocks += 1


def replace(path: Path, content: str, *, durable: bool = False) -> None:
    """Replace the content of a file atomically: a reader sees the old or the new one. Raises `OSError`.

    `durable`: only once the content is on the disk, so that a power cut can't leave an empty file either.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
