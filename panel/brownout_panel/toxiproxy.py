"""A Toxiproxy that is there already, as an injector: a fault set becomes toxics of one of its proxies.

It is asked and answers as an injector's control URLs are. Toxiproxy knows no leases: toxics that are not
renewed are removed from here, and those of a panel that was killed when the next one meets that proxy.
"""

from __future__ import annotations

import secrets
import time
from http.client import HTTPException
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import gevent
import msgspec
from gevent.event import Event
from gevent.lock import RLock

from brownout_faults import ability, described_kinds, validation
from brownout_faults.document import FaultDocument, document_type
from brownout_faults.match import is_at
from brownout_faults.problem import Problem
from brownout_faults.writing import write_faults
from brownout_panel.replica_http import ForeignError, Link, RefusalError, UnansweredError
from brownout_panel.toxics import PREFIX, Toxic, toxics_of, why_not

SCHEME = "toxiproxy"
ANSWER_S = 1.0

T = TypeVar("T")


class ToxiproxyProxy:
    """One proxy of a Toxiproxy, and the fault set that it has from here."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._name = address.path.strip("/")
        self._path = f"/proxies/{quote(self._name, safe='')}"
        self._api = Link(f"http://{address.netloc}")
        self._lock = RLock()
        self._document = FaultDocument(faults=())
        self._toxics: list[Toxic] = []
        self._boot_id = ""
        """Empty until it was met: what another panel left there is removed then."""
        self._lapses_at: float | None = None
        self._renewed = Event()
        self._watch: gevent.Greenlet | None = None

    def report(self) -> dict[str, Any]:
        """What an injector answers to `GET /faults`."""
        with self._lock:
            self._meet()
            if not {toxic.name for toxic in self._toxics} <= self._present():
                self._boot_id = ""  # it has restarted, or somebody has removed them
                self._meet()
            faults = msgspec.to_builtins(list(self._document.faults))
            return {
                "faults": faults,
                "words": write_faults(faults),
                "revision": self._document.revision or 0,
                "boot_id": self._boot_id,
                "dependency": self._name,
            }

    def put(self, body: bytes) -> dict[str, Any]:
        """Put a fault set in force. Raises RefusalError, and nothing is changed, if Toxiproxy can't do it."""
        document = self._read(body)
        with self._lock:
            self._meet()
            before = self._document
            if (document.faults, document.revision) != (before.faults, before.revision):
                self._replace(document)
            self._renew(document.lease_s)
            return self.report()

    def _read(self, body: bytes) -> FaultDocument:
        try:
            document = validation.decode(body, document_type())
            ability.refuse_impossible(document, why_not, self._name)
        except Problem as problem:
            extra = {"status": problem.code, "detail": str(problem.description), **problem.extra}
            raise RefusalError(extra) from None
        return document

    def _replace(self, document: FaultDocument) -> None:
        self._remove()
        here = [one for one in document.faults if not one.match or is_at(one.match, self._name)]
        toxics = toxics_of(here)
        try:
            for toxic in toxics:
                self._call("POST", f"{self._path}/toxics", toxic)
        except RefusalError:
            self._remove()
            raise
        self._document, self._toxics = document, toxics

    def _meet(self) -> None:
        """Begin with none of ours at the first meeting, and after Toxiproxy has lost what it had."""
        if not self._boot_id:
            self._remove()
            self._boot_id = secrets.token_hex(8)

    def _remove(self) -> None:
        for name in self._present():
            self._call("DELETE", f"{self._path}/toxics/{quote(name, safe='')}")
        self._document, self._toxics, self._lapses_at = FaultDocument(faults=()), [], None

    def _present(self) -> set[str]:
        """Names of the toxics there that are ours."""
        proxy = self._call("GET", self._path)
        names = [str(toxic.get("name", "")) for toxic in proxy.get("toxics", [])]
        return {name for name in names if name.startswith(PREFIX)}

    def _renew(self, lease_s: float | None) -> None:
        self._lapses_at = None if lease_s is None or not self._toxics else time.monotonic() + lease_s
        self._renewed.set()
        if self._lapses_at is not None and (self._watch is None or self._watch.dead):
            self._watch = gevent.spawn(self._end_in_time)

    def _end_in_time(self) -> None:
        """Remove the toxics when nobody has renewed their lease; again and again if Toxiproxy is away."""
        while self._lapses_at is not None:
            left = self._lapses_at - time.monotonic()
            if left > 0:
                self._renewed.wait(left)
                self._renewed.clear()
                continue
            try:
                with self._lock:
                    self._remove()
            except (ForeignError, RefusalError, UnansweredError):
                gevent.sleep(ANSWER_S)

    def _call(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        try:
            status, body = self._api.call(method, path, document, ANSWER_S)
            answer = msgspec.json.decode(body, type=dict[str, Any]) if body.strip() else {}
        except msgspec.DecodeError:
            raise ForeignError(f"answers {path} as no Toxiproxy does") from None
        except HTTPException as error:
            raise UnansweredError(str(error)) from None
        if status == 404 and method == "DELETE":
            return {}
        if status == 404:
            raise ForeignError(f'has no proxy "{self._name}"; toxiproxy-cli list shows those that it has')
        if status >= 400:
            detail = answer.get("error") or answer.get("title") or f"answers {status}"
            raise RefusalError({"status": 422, "detail": f"Toxiproxy refused it: {detail}"})
        return answer


_MET: dict[str, ToxiproxyProxy] = {}


class ToxiproxyLink:
    """What a `Link` is to an injector, to a proxy of a Toxiproxy."""

    def __init__(self, url: str) -> None:
        self._proxy = _MET.setdefault(url, ToxiproxyProxy(url))

    def get(self, path: str, kind: type[T], timeout_s: float) -> T:  # noqa: ARG002
        """The document at `path`: /faults or /faults/kinds."""
        if path == "/faults/kinds":
            return msgspec.convert({"kinds": _possible_kinds()}, kind)
        if path != "/faults":
            raise ForeignError(f"has no {path}")
        return msgspec.convert(self._proxy.report(), kind)

    def get_anew(self, path: str, kind: type[T], timeout_s: float) -> T:
        """Do what `get` does: there is one process behind it."""
        return self.get(path, kind, timeout_s)

    def put(self, path: str, document: object, kind: type[T], timeout_s: float) -> T:  # noqa: ARG002
        """Put a fault set."""
        return msgspec.convert(self._proxy.put(msgspec.json.encode(document)), kind)

    def close(self) -> None:
        """Keep what it knows: others ask the same proxy."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _possible_kinds() -> list[dict[str, Any]]:
    """Descriptions of the kinds of which a fault with its defaults, or its example, becomes a toxic."""

    def is_possible(kind: dict[str, Any]) -> bool:
        faults = [{"kind": kind["kind"]}, kind["example"]]
        return any(
            why_not(one) is None for one in msgspec.convert({"faults": faults}, document_type()).faults
        )

    return [kind for kind in described_kinds() if is_possible(kind)]
