"""What must hold between the keys: one way to reach the service, names that exist, no loop. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from brownout.errors import UsageError
from brownout.project.convert import Path, Place, converted, unknown
from brownout.project.model import BrownoutFile, DependencyTable, ServiceTable, VariantTable
from brownout.project.words import words

PLACES = ("command", "url", "kubernetes", "compose")
HOSTS = {"127.0.0.1", "localhost", "::1", "0.0.0.0"}
NAME = re.compile(r"[A-Za-z][\w-]*")
HOLE = re.compile(r"(?<!\{)\{([A-Za-z][\w-]*)\}(?!\})")
DEFAULT_PORTS = {"http": 80, "https": 443}


def check(file: BrownoutFile, place: Place, fleet_options: Sequence[str] = ()) -> None:
    """Check the file as a whole. Raises UsageError with the place of what is wrong, and what to write."""
    if file.service:
        _one_of(file.service, PLACES, "[service]", ("service",), place)
        if file.service.replicas > 1 and not file.service.command:
            raise UsageError(
                f"{place(('service', 'replicas'))}: replicas says how many to start, and without a command "
                "none is started: leave it out"
            )
    for name, dependency in file.dependencies.items():
        path = ("dependencies", name)
        if not NAME.fullmatch(name) or name in ("port", "image"):
            raise UsageError(
                f'{place(path)}: "{name}" can\'t be a dependency\'s name: use letters, digits, "-" and "_", '
                'and not "port" or "image"'
            )
        _one_of(dependency, ("url", "command"), f"[dependencies.{name}]", path, place)
    _check_fleet(file, place, fleet_options)
    _check_holes(file, place)
    _check_loops(file, place)


def _check_fleet(file: BrownoutFile, place: Place, options: Sequence[str]) -> None:
    for name in file.fleet:
        if options and name not in options:
            raise UsageError(f"{place(('fleet', name))}: {unknown(name, sorted(options), ('fleet',))}")


def _one_of(
    table: ServiceTable | DependencyTable, keys: Sequence[str], heading: str, path: Path, place: Place
) -> None:
    given = [key for key in keys if getattr(table, key) is not None]
    if len(given) > 1 and isinstance(table, ServiceTable):
        raise UsageError(
            f"{place((*path, given[1]))}: {heading} has {' and '.join(given)}, and can have one of them: "
            f"leave out {given[1]}"
        )
    if not given:
        raise UsageError(
            f"{place(path)}: {heading} says nothing of where it is. Write one of {', '.join(keys)}"
        )
    if table.command is not None and not words(table.command):
        raise UsageError(f'{place((*path, "command"))}: command is empty. As in: command = "python shop.py"')


def variants(file: BrownoutFile, place: Place) -> dict[str, VariantTable]:
    """Return the variants by name: in full, or as variables alone. Raises UsageError."""
    found = {}
    keys = VariantTable.__struct_fields__
    for name, values in file.variants.items():
        in_full = [key for key in values if key in keys]
        if in_full and len(in_full) < len(values):
            odd = next(key for key in values if key not in keys)
            raise UsageError(
                f'{place(("variants", name))}: "{odd}" beside {in_full[0]}. Put variables into a table of '
                f"their own: {name} = {{ {in_full[0]} = …, environment = {{ {odd} = … }} }}"
            )
        table = values if in_full else {"environment": values}
        found[name] = converted(table, VariantTable, place, ("variants", name))
        if found[name].url and file.service and not file.service.url:
            raise UsageError(
                f"{place(('variants', name))}: url replaces the url of [service], which has none. "
                "Give the variant a command, an image or variables"
            )
    return found


def _check_holes(file: BrownoutFile, place: Place) -> None:
    names = {*file.dependencies}
    own = {"port", "image"}
    for path, text in _texts(file, place):
        for hole in HOLE.findall(text):
            if hole not in names | own:
                close = difflib.get_close_matches(hole, names | own, 1)
                hint = f'write "{{{close[0]}}}"' if close else f"add [dependencies.{hole}]"
                have = ", ".join(sorted(names)) or "none"
                raise UsageError(
                    f'{place(path)}: "{{{hole}}}" names no dependency (there are: {have}); {hint}, or '
                    f'write "{{{{{hole}}}}}" for the text itself'
                )


def _texts(file: BrownoutFile, place: Place) -> Iterator[tuple[Path, str]]:
    tables: list[tuple[Path, ServiceTable | DependencyTable | VariantTable]] = []
    if file.service:
        tables.append((("service",), file.service))
    tables += [(("dependencies", name), one) for name, one in file.dependencies.items()]
    tables += [(("variants", name), one) for name, one in variants(file, place).items()]
    for path, table in tables:
        for word in words(table.command):
            yield (*path, "command"), word
        for name, value in table.environment.items():
            yield (*path, "environment", name), str(value)


def _check_loops(file: BrownoutFile, place: Place) -> None:
    """A proxy that calls itself, another proxy, or the service would never end."""
    proxies = {one.port: name for name, one in file.dependencies.items() if one.port}
    service_port = file.service.port if file.service and file.service.command else None
    for name, one in file.dependencies.items():
        path = ("dependencies", name, "url")
        if one.port and one.port == service_port:
            raise UsageError(
                f"{place((*path[:2], 'port'))}: {one.port} is the port of the service. Write port = 0"
            )
        if one.url and (hole := HOLE.search(one.url)):
            raise UsageError(
                f'{place(path)}: "{hole[0]}" in a url is the proxy itself. Write where "{name}" runs'
            )
        port = (
            None if one.command else _loopback_port(one.url)
        )  # beside a command, a url is a scheme and a path
        if port is None:
            continue
        if port in proxies:
            raise UsageError(
                f'{place(path)}: a proxy loop: {one.url} is the proxy of "{proxies[port]}". Write where '
                f'"{name}" itself runs, or give the proxy another port'
            )
        if port == service_port:
            raise UsageError(
                f"{place(path)}: a proxy loop: {one.url} is the service's own port. Write where "
                f'"{name}" itself runs, or [service] port = 0'
            )


def _loopback_port(url: str | None) -> int | None:
    parts = urlsplit(url or "")
    if parts.hostname not in HOSTS:
        return None
    return parts.port or DEFAULT_PORTS.get(parts.scheme)
