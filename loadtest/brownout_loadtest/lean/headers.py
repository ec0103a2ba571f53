"""An answer's headers, read from the bytes when somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from brownout_loadtest.lean.exchange import RawHeaders


class AnswerHeaders(Mapping[str, "str | list[str]"]):
    """Headers by name, in any case; a list where a name came more than once, as FastHttpUser has it."""

    __slots__ = ("_raw",)

    def __init__(self, raw: RawHeaders) -> None:
        self._raw = raw

    def getlist(self, name: str) -> list[str]:
        """Return all values of a name, in the order in which they came."""
        wanted = name.lower().encode("latin-1", "replace")
        return [value.decode("latin-1") for key, value in self._raw if key.lower() == wanted]

    def __getitem__(self, name: str) -> str | list[str]:
        found = self.getlist(name)
        if not found:
            raise KeyError(name)
        return found[0] if len(found) == 1 else found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.getlist(name))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.decode("latin-1").lower() for name, _ in self._raw))

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._raw})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"
