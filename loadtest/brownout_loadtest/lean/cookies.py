"""Cookies between two requests: the standard library's jar, asked only when there is something in it."""

from __future__ import annotations

import urllib.request
from email.message import Message
from http.cookiejar import Cookie, CookieJar
from typing import Any, cast

from brownout_loadtest.lean.exchange import RawHeaders


class Jar(CookieJar):
    """A cookie jar that knows without a look through it whether anything was ever put in."""

    was_used = False

    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie."""
        self.was_used = True
        super().set_cookie(cookie)


class _Answer:
    def __init__(self, headers: RawHeaders) -> None:
        self._message = Message()
        for name, value in headers:
            self._message.add_header(name.decode("latin-1"), value.decode("latin-1"))

    def info(self) -> Message:
        return self._message


def _request(url: str) -> urllib.request.Request:
    # A scheme of its own (http+unix) is no other site, and a test without TLS still sends secure cookies.
    request = urllib.request.Request("http" + url[url.index("://") :])  # noqa: S310 - it is never opened
    request.type = "https"
    return request


def cookie_header(jar: CookieJar, url: str) -> str | None:
    """Return the value of the Cookie header for a request; None if there is no cookie for it."""
    if not getattr(jar, "was_used", True):
        return None
    request = _request(url)
    jar.add_cookie_header(request)
    return request.get_header("Cookie")


def keep_cookies(jar: CookieJar, url: str, headers: RawHeaders) -> None:
    """Put an answer's cookies into the jar."""
    if any(len(name) == 10 and name.lower() == b"set-cookie" for name, _ in headers):
        jar.extract_cookies(cast(Any, _Answer(headers)), _request(url))
