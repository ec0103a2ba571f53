"""A request as bytes: what is the same each time is made once, and kept."""

from __future__ import annotations

import json as json_of
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from requests.utils import requote_uri
from urllib3 import encode_multipart_formdata

from brownout_loadtest.lean.pools import Origin, OriginPool

CARRY_A_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose empty body is told as such (RFC 9110, section 8.6)."""

PORTS = {"http": 80, "https": 443, "http+unix": 0}
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
ONE_LINE = re.compile(r"[^\r\n\0]*")


@dataclass(frozen=True)
class Destination:
    """A URL taken apart: whom to ask, for what (`target`), and by which name (`host`)."""

    origin: Origin
    target: str
    host: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """The beginning of a request, with all that is the same each time."""

    pool: OriginPool
    first: bytes
    """The request line and the name of the host."""
    start: bytes
    """The same, and the session's standing headers."""
    whole: bytes
    """The whole request, where it carries nothing of its own."""


def place_of(url: str) -> Destination:
    """Take a URL apart. Raises ValueError for one that can't be asked."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.netloc:
        raise ValueError(
            f'"{url}" can\'t be requested; allowed: http://…, https://… and http+unix://SOCKET/…'
        )
    path = requote_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    if not path.isascii() or not ONE_LINE.fullmatch(path):
        path = quote(path, safe="/?:@!$&'()*+,;=-._~%[]")
    if parts.scheme == "http+unix":
        return Destination(Origin(parts.scheme, unquote(parts.netloc), 0), path, "localhost")
    if not parts.hostname:
        raise ValueError(f'"{url}" names no host; as in: http://127.0.0.1:8000/')
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    port = parts.port or PORTS[parts.scheme]
    named = f"[{host}]" if ":" in host else host
    if port != PORTS[parts.scheme]:
        named += f":{port}"
    return Destination(Origin(parts.scheme, host, port), path, named)


def with_params(url: str, params: Any) -> str:
    """Add a query to a URL: a mapping, a list of pairs, or text."""
    if not params:
        return url
    if isinstance(params, bytes):
        params = params.decode()
    if not isinstance(params, str):
        pairs = params.items() if isinstance(params, Mapping) else params
        params = urlencode([(key, value) for key, value in pairs if value is not None], doseq=True)
    url, hash_sign, fragment = url.partition("#")
    return f"{url}{'&' if '?' in url else '?'}{params}{hash_sign}{fragment}"


def first_line(method: str, place: Destination, pool: OriginPool) -> str:
    """Write the request's first lines, for the server or for the proxy in its way. Raises ValueError."""
    if not TOKEN.fullmatch(method):
        raise ValueError(f'"{method}" is no HTTP method; as in: GET')
    if pool.proxy and not place.origin.has_tls:
        target = f"{place.origin.scheme}://{place.host}{place.target}"
        return f"{method} {target} HTTP/1.1\r\nHost: {place.host}\r\n{pool.proxy.lines}"
    return f"{method} {place.target} HTTP/1.1\r\nHost: {place.host}\r\n"


def lines_of(headers: Mapping[str, Any]) -> str:
    """Write headers as lines: of a list one for each value, of None no line. Raises ValueError."""
    lines = []
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f'"{name}" is no name of a header; allowed: letters, digits and -')
        for one in value if isinstance(value, list | tuple) else () if value is None else (value,):
            text = one.decode("latin-1") if isinstance(one, bytes) else str(one)
            if not ONE_LINE.fullmatch(text):
                raise ValueError(f"the header {name} has the value {text!r}; allowed: one line")
            lines.append(f"{name}: {text}\r\n")
    return "".join(lines)


class Body:
    """What a request carries: its bytes, or its parts if their length isn't known, and headers about it."""

    __slots__ = ("headers", "kept", "parts", "told")

    def __init__(
        self,
        kept: bytes | None,
        parts: Iterable[bytes] | None = None,
        headers: dict[str, str] | None = None,
        told: Any = None,
    ) -> None:
        """`told` is what the locustfile wanted to send, for the response's `request`."""
        self.kept, self.parts, self.headers, self.told = kept, parts, headers or {}, told

    @property
    def can_be_sent_again(self) -> bool:
        """Whether it is still there after it has been sent."""
        return self.parts is None

    def chunks(self) -> Iterator[bytes]:
        """Yield the parts as HTTP/1.1 chunks."""
        for part in self.parts or ():
            if part:
                yield b"%x\r\n%b\r\n" % (len(part), part)
        yield b"0\r\n\r\n"


NOTHING = Body(None)


def body_of(data: Any, json: Any, files: Any) -> Body:
    """Encode what a locustfile wants to send, with the content types that FastHttpUser gives it."""
    if files:
        return _multipart(data, files)
    if not data and json is not None:
        text = json_of.dumps(json)
        return Body(
            text.encode(), None, {"Content-Type": "application/json", "Accept": "application/json"}, text
        )
    if not data and not hasattr(data, "read"):
        return NOTHING
    if isinstance(data, Mapping) or (isinstance(data, list | tuple) and _are_pairs(data)):
        kept = urlencode(data, doseq=True).encode()
        return Body(kept, None, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, data)
    if isinstance(data, str):
        return Body(data.encode(), None, {"Content-Type": "text/plain; charset=utf-8"}, data)
    octets = {"Content-Type": "application/octet-stream"}
    if hasattr(data, "read"):
        data = data.read()
    if isinstance(data, str):
        data = data.encode()
    if isinstance(data, bytes | bytearray | memoryview):
        return Body(bytes(data), None, octets, data)
    return Body(None, data, octets)


def _are_pairs(data: Any) -> bool:
    return all(isinstance(one, list | tuple) and len(one) == 2 for one in data)


def _multipart(data: Any, files: Any) -> Body:
    fields: list[tuple[str, Any]] = []
    for name, value in data.items() if isinstance(data, Mapping) else data or ():
        several = value if isinstance(value, list | tuple) else (value,)
        fields += [(name, one if isinstance(one, bytes) else str(one)) for one in several]
    for name, value in files.items() if isinstance(files, Mapping) else files:
        filename, content, *kind = (
            value if isinstance(value, list | tuple) else (_file_name(value, name), value)
        )
        content = content.read() if hasattr(content, "read") else content
        fields.append((name, (filename, content, *kind[:1])))
    encoded, content_type = encode_multipart_formdata(fields)
    return Body(encoded, None, {"Content-Type": content_type}, encoded)


def _file_name(value: Any, fallback: str) -> str:
    name = getattr(value, "name", None)
    return name.rpartition("/")[2] if isinstance(name, str) else fallback
