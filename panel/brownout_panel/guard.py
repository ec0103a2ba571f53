"""Access control: checks the Host header, the origin of a change, the token and the size of a body, and adds
security headers. Locust's own routes are guarded like the panel's, since Locust lets any website call them.

`decide` is pure; `Guard` is the WSGI middleware around it.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from brownout_panel.problem import CONTENT_TYPE, problem
from brownout_terms.codes import Code

MAX_BODY = 65_536
"""Bytes; many times the size of the longest sensible document."""

SAFE = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WRITERS = ("page", "cli", "experiment", "api")
BY = "brownout.by"
"""WSGI environment key that tells the API who sent the request."""

HAS_TOKEN = "brownout.token"  # noqa: S105 - the key's name
COOKIE = "brownout-token"

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The panel's policy. Locust's own page has inline scripts, so it only gets the last directive."""


class Rules(msgspec.Struct, frozen=True):
    """Settings of the guard."""

    token: str
    bound_to: str
    """Address that the server listens on; "" is every address."""
    prefix: str = "/panel"
    """Path of the panel."""
    base_path: str = ""
    """Path of Locust's own pages."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names allowed in addition to the loopback ones and `bound_to`."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return self.bound_to == "localhost" or _is_loopback(self.bound_to)


class GuardedRequest(msgspec.Struct, frozen=True):
    """The parts of a request that the guard checks."""

    method: str
    path: str
    host: str
    scheme: str = "http"
    origin: str | None = None
    fetch_site: str | None = None
    bearer: str | None = None
    cookie: str | None = None
    query_token: str | None = None
    by: str | None = None
    length: str | None = None
    chunked: bool = False


class GuardDecision(msgspec.Struct, frozen=True):
    """Allow the request if `status` is 0; otherwise refuse it with this status and `detail`."""

    status: int = 0
    code: Code = Code.OK
    detail: str = ""
    by: str = "page"
    has_token: bool = False


def decide(rules: Rules, request: GuardedRequest) -> GuardDecision:
    """Decide whether a request is allowed, and who sent it."""
    if not _is_our_host(rules, request.host):
        return GuardDecision(
            403,
            Code.UNKNOWN_HOST,
            f'the Host header is "{request.host}", which is not a host name of this panel; '
            "to allow it: --panel-allow-host NAME",
        )
    if request.chunked or not (request.length or "0").isdigit():
        return GuardDecision(411, Code.BODY_WITHOUT_LENGTH, "a request with a body needs a Content-Length")
    if int(request.length or "0") > MAX_BODY:
        return GuardDecision(413, Code.BODY_TOO_LONG, f"the body is too long; allowed: {MAX_BODY} bytes")
    has_token = any(_same(rules.token, one) for one in (request.bearer, request.query_token))
    if request.bearer is not None and not has_token:
        return GuardDecision(401, Code.WRONG_TOKEN, "the token is not this run's")
    if not (rules.is_loopback or has_token or _same(rules.token, request.cookie)):
        needed = "this panel is reachable from other machines, so it needs its token: ?token=…"
        return GuardDecision(401, Code.TOKEN_NEEDED, needed)
    if _changes(rules, request) and not has_token and not _is_same_origin(request):
        return GuardDecision(
            403,
            Code.FOREIGN_ORIGIN,
            "a change needs the run's token (Authorization: Bearer …) unless it comes from this panel's own "
            f'page; its Origin header is "{request.origin or ""}"',
        )
    by = request.by if request.by in WRITERS else "api"
    return GuardDecision(by=by if has_token else "page", has_token=has_token)


def _is_our_host(rules: Rules, host: str) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in LOOPBACK or name in rules.allowed_hosts or (name and name == rules.bound_to.lower()):
        return True
    # The check prevents DNS rebinding, and an address can't be rebound.
    return not rules.is_loopback and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _same(token: str, given: str | None) -> bool:
    return given is not None and hmac.compare_digest(token.encode(), given.encode())


def _changes(rules: Rules, request: GuardedRequest) -> bool:
    """Whether a request changes something; older versions of Locust also allow that by GET."""
    ours = (f"{rules.base_path}/stop", f"{rules.base_path}/stats/reset")
    return request.method not in SAFE or request.path.rstrip("/") in ours


def _is_same_origin(request: GuardedRequest) -> bool:
    if request.fetch_site is not None:
        return request.fetch_site == "same-origin"
    return request.origin is not None and request.origin == f"{request.scheme}://{request.host}"


StartResponse = Callable[..., Any]


class Guard:
    """WSGI middleware that refuses what `decide` refuses, and adds security headers."""

    def __init__(self, app: Callable[..., Iterable[bytes]], rules: Rules) -> None:
        self._app = app
        self._rules = rules

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = _request(environ)
        decision = decide(self._rules, request)
        start = self._with_headers(request.path, start_response)
        if decision.status:
            document = problem(decision.status, decision.code, decision.detail)
            start(
                f"{decision.status} {document.title}",
                [("Content-Type", CONTENT_TYPE), ("Connection", "close")],
            )
            return [msgspec.json.encode(document)]
        if request.query_token is not None and decision.has_token and request.method == "GET":
            start("303 See Other", _cookie(environ, self._rules.token))
            return [b""]
        environ[BY], environ[HAS_TOKEN] = decision.by, decision.has_token
        return self._app(environ, start)

    def _with_headers(self, path: str, start_response: StartResponse) -> StartResponse:
        is_ours = path == self._rules.prefix or path.startswith(self._rules.prefix + "/")

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = [pair for pair in headers if not pair[0].lower().startswith("access-control-")]
            if any(name.lower() == "content-security-policy" for name, _ in kept):
                # This page is sandboxed; browsers do not show a sandboxed page that also isolates itself.
                ours = [pair for pair in HEADERS if pair[0] != "Cross-Origin-Opener-Policy"]
                return start_response(status, [*kept, *ours], *more)
            policy = CSP if is_ours else "frame-ancestors 'none'"
            return start_response(status, [*kept, *HEADERS, ("Content-Security-Policy", policy)], *more)

        return start


def _request(environ: Mapping[str, Any]) -> GuardedRequest:
    scheme, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return GuardedRequest(
        method=environ["REQUEST_METHOD"],
        path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
        host=environ.get("HTTP_HOST", "").lower(),
        scheme=environ.get("wsgi.url_scheme", "http"),
        origin=environ.get("HTTP_ORIGIN"),
        fetch_site=environ.get("HTTP_SEC_FETCH_SITE"),
        bearer=credentials.strip() if scheme.lower() == "bearer" else None,
        cookie=_cookie_of(environ.get("HTTP_COOKIE", "")),
        query_token=parse_qs(environ.get("QUERY_STRING", "")).get("token", [None])[0],
        by=environ.get("HTTP_X_BROWNOUT_BY"),
        length=environ.get("CONTENT_LENGTH"),
        chunked="chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower(),
    )


def _cookie_of(header: str) -> str | None:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


def _cookie(environ: Mapping[str, Any], token: str) -> list[tuple[str, str]]:
    """Redirect to the same address without the token, which moves into an HttpOnly, same-site cookie."""
    rest = {key: value for key, value in parse_qs(environ["QUERY_STRING"]).items() if key != "token"}
    path = "/" + environ.get("PATH_INFO", "").lstrip("/")
    query = f"?{urlencode(rest, doseq=True)}" if rest else ""
    cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
    return [("Location", path + query), ("Set-Cookie", cookie), ("Content-Length", "0")]
