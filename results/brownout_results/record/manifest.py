"""`run.json`: what was run, and how it ended; what is in it is listed in docs/run-folder.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .files import replace

NAME = "run.json"
FORMAT = 1
"""Increased when a reader of the old format would misread the new one."""

_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")
_SECRET_OPTION = re.compile(
    r"--?[\w-]*(password|passwd|token|secret|credential|api-?key)[\w-]*", re.IGNORECASE
)
HIDDEN = "***"


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Replace run.json atomically, and wait until it is on the disk. Raises `OSError`."""
    content = json.dumps(without_userinfo(dict(manifest)), indent=2, ensure_ascii=False, default=str)
    replace(folder / NAME, content + "\n", durable=True)


def without_userinfo(value: Any) -> Any:
    """Return the value with user and password removed from every URL in it."""
    if isinstance(value, str):
        return _USERINFO.sub(f"{HIDDEN}@", value)
    if isinstance(value, Mapping):
        return {str(key): without_userinfo(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_userinfo(item) for item in value]
    return value


def without_secrets(command: Sequence[str]) -> list[str]:
    """Return a command line without the values of options named like secrets, such as `--token X`."""
    shown: list[str] = []
    hide_next = False
    for word in command:
        option, equals, _value = word.partition("=")
        named_secret = _SECRET_OPTION.fullmatch(option) is not None
        if hide_next and not word.startswith("-"):
            shown.append(HIDDEN)
        else:
            shown.append(f"{option}={HIDDEN}" if named_secret and equals else word)
        hide_next = named_secret and not equals
    return shown
