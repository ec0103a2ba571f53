"""One HTTP/1 request on its way through the proxy, and its head as the dependency gets it. Pure."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from brownout_faults.match import RequestFacts

VIA = b"X-Brownout-Via"
"""Header with the proxies that a request has passed, by which one knows a request that comes back."""


class ProxiedRequest:
    """A request, from its first byte until its answer has been passed on."""

    url = method = version = via = b""
    expects = is_chunked = keeps_alive = upgrades = False
    is_complete = is_answered = False
    is_sent = False
    """Its head has gone on."""
    is_dropped = False
    """It does not go on: a fault has answered it."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []
        """Pieces of the body that came before the head could go on."""

    def add_header(self, name: bytes, value: bytes) -> None:
        """Take a header as it was sent."""
        self.headers.append((name, value))
        match len(name), name.lower():
            case 14, b"x-brownout-via":
                self.via = value
            case 17, b"transfer-encoding":
                self.is_chunked = b"chunked" in value.lower()
            case 6, b"expect":
                self.expects = True

    def head(self, authority: bytes, proxy: bytes) -> bytes:
        """The head that goes on: the dependency's name as Host, and this proxy among those that it passed."""
        target = self.url
        if not target.startswith((b"/", b"*")) and b"://" in target:
            target = b"/" + target.split(b"://", 1)[1].partition(b"/")[2]
        lines = [b"%b %b HTTP/%b\r\nHost: %b" % (self.method, target, self.version, authority)]
        lines += [
            b"%b: %b" % pair for pair in self.headers if pair[0].lower() not in (b"host", b"x-brownout-via")
        ]
        passed = b"%b, %b" % (self.via, proxy) if self.via else proxy
        lines.append(b"%b: %b\r\n\r\n" % (VIA, passed))
        return b"\r\n".join(lines)

    def encoded(self, body: bytes) -> bytes:
        """A piece of the body as it goes on."""
        return b"%x\r\n%b\r\n" % (len(body), body) if self.is_chunked else body

    def end(self, trailers: list[tuple[bytes, bytes]]) -> bytes:
        """What ends the body."""
        if not self.is_chunked:
            return b""
        lines = [b"%b: %b\r\n" % pair for pair in trailers]
        return b"0\r\n" + b"".join(lines) + b"\r\n"

    def facts(self) -> RequestFacts:
        """What a fault's match is held against."""

        def header(name: str) -> str | None:
            wanted = name.lower().encode()
            found = [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]
            return ",".join(found) if found else None

        path = unquote_to_bytes(self.url.partition(b"?")[0]).decode("utf-8", "replace")
        return RequestFacts(self.method.decode("latin-1"), path, header)
