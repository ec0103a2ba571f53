"""A body that is read while it comes."""

from __future__ import annotations

from brownout_loadtest.lean.exchange import KeptConnection
from brownout_loadtest.lean.pools import OriginPool


class LiveBody:
    """The body of an answer whose connection goes back to its pool when it has ended, or is given up."""

    def __init__(self, exchange: KeptConnection, pool: OriginPool) -> None:
        self._exchange: KeptConnection | None = exchange
        self._pool = pool
        self._left = bytearray()

    def read(self, size: int | None = None) -> bytes:
        """Read at most `size` bytes, fewer only at the end; None: all. Raises OSError or HTTPParseError."""
        if self._exchange is not None:
            self._fill(size)
        cut = len(self._left) if size is None else size
        taken = bytes(self._left[:cut])
        del self._left[:cut]
        return taken

    def rest(self) -> bytes:
        """Read all that is left."""
        return self.read()

    def close(self) -> None:
        """Give the connection back; one whose answer isn't complete is closed by that."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            self._pool.give(exchange)

    def _fill(self, size: int | None) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        exchange.resume()
        try:
            self._take(exchange)
            while not exchange.complete and (size is None or len(self._left) < size):
                exchange.more()
                self._take(exchange)
        except BaseException:
            self.close()
            raise
        finally:
            if self._exchange is not None:
                exchange.stop()
        if exchange.complete:
            self.close()

    def _take(self, exchange: KeptConnection) -> None:
        for chunk in exchange.chunks:
            self._left += chunk
        exchange.chunks.clear()
