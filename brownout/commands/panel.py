"""Commands for a harness that runs in another terminal: they ask its control panel."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import click

from brownout.commands.fault_options import KindOptions, parsed, typed_texts
from brownout.panel_client import PanelClient
from brownout_client.policy import PRESETS
from brownout_panel.whereabouts import TOKEN_VARIABLE, URL_VARIABLE, find

F = TypeVar("F", bound=Callable[..., Any])

NONE_RUNS = """no control panel runs.

Start one: brownout up
Or name one: --panel http://HOST:PORT/panel, with its token in BROWNOUT_PANEL_TOKEN"""

panel_option = click.option(
    "--panel",
    "url",
    envvar=URL_VARIABLE,
    metavar="URL",
    help="The panel, if several run; BROWNOUT_PANEL does the same.  [default: the one that runs]",
)


def panel_at(url: str | None) -> PanelClient:
    """The panel at this URL, else the only one that runs. Raises click.ClickException."""
    running = find()
    if url:
        known = next((one.token for one in running if one.url == url.rstrip("/")), "")
        return PanelClient(url, os.environ.get(TOKEN_VARIABLE) or known)
    if not running:
        raise click.ClickException(NONE_RUNS)
    if len(running) > 1:
        urls = "\n".join(f"  --panel {one.url}" for one in running)
        raise click.ClickException(f"{len(running)} control panels run; say which:\n\n{urls}")
    return PanelClient(running[0].url, running[0].token)


@click.group()
def faults() -> None:
    """Set, clear and show the faults that every backend is held to."""


@faults.command("set", cls=KindOptions)
@click.argument("texts", metavar="[FAULT]...", nargs=-1)
@click.option("--seed", type=click.IntRange(0), help="Seed for fault sampling.")
@click.option("--json", "document", metavar="FAULTS", help="Any faults, as the backend's JSON list.")
@panel_option
def set_faults(
    texts: tuple[str, ...], seed: int | None, document: str | None, url: str | None, **options: Any
) -> None:
    """Replace the faults, as in: brownout faults set --error 30% --latency 200ms,jitter=50ms

    A FAULT is written as for `brownout run --fault`: error=30%,status=503.
    """
    panel = panel_at(url)
    typed = [*typed_texts(options), *texts]
    wanted = [*_list(document), *(parsed(typed, _kinds(panel)))]
    if not wanted:
        raise click.UsageError(
            "no fault is named; try --error 30%, --latency 200ms, or: brownout faults clear"
        )
    body = {"faults": wanted} if seed is None else {"faults": wanted, "seed": seed}
    _show_faults(panel, panel.ask("PUT", "faults", body))


@faults.command("clear")
@panel_option
def clear_faults(url: str | None) -> None:
    """End all faults, and read back that they are gone."""
    panel = panel_at(url)
    _show_faults(panel, panel.ask("DELETE", "faults"))


@faults.command("show")
@panel_option
def show_faults(url: str | None) -> None:
    """Say which faults are wanted, and how each backend stands to them."""
    panel = panel_at(url)
    _show_faults(panel, panel.ask("GET", "faults"))


@click.command()
@click.argument("replica")
@click.option("--even-last", is_flag=True, help="Also the last ready replica of its service.")
@panel_option
def kill(replica: str, even_last: bool, url: str | None) -> None:
    """End a replica abruptly; the fleet brings it back."""
    path = f"replicas/{quote(replica, safe='')}/kill"
    killed = panel_at(url).ask("POST", path, {"even_last": even_last})
    click.echo(f"{killed['name']} was killed ({killed['uid']})")


@click.command()
@click.argument("preset", required=False, metavar=f"[{'|'.join(PRESETS)}]")
@panel_option
def policy(preset: str | None, url: str | None) -> None:
    """Show the clients' policy, or set it to a preset."""
    panel = panel_at(url)
    answer = panel.ask("PUT", "policy", {"preset": preset}) if preset else panel.ask("GET", "policy")
    name = answer["policy"]["name"] if answer["policy"] else "not known: no client has answered"
    click.echo(f"policy {name}")
    if answer["replicas"]:
        _show_standing(answer)


@click.command()
@click.argument("phase", required=False)
@click.option("--note", help="A remark in place of a phase.")
@panel_option
def mark(phase: str | None, note: str | None, url: str | None) -> None:
    """Mark the begin of a phase on the run's timeline, as in: brownout mark recovery"""
    if (phase is None) == (note is None):
        raise click.UsageError("name a phase, or --note TEXT: one of the two")
    event = panel_at(url).ask("POST", "marks", {"note": note} if note else {"phase": phase})
    click.echo(f"{event['t']}  {event['kind']} {event.get('name') or event.get('note')}")


COMMANDS: tuple[click.Command, ...] = (faults, kill, policy, mark)


def _list(document: str | None) -> list[Any]:
    try:
        wanted = json.loads(document or "[]")
    except ValueError as error:
        raise click.BadParameter(f'"{document}" is not JSON: {error}', param_hint="--json") from None
    if not isinstance(wanted, list):
        raise click.BadParameter(f'"{document}" is not a JSON list of faults', param_hint="--json")
    return wanted


def _kinds(panel: PanelClient) -> list[dict[str, Any]] | None:
    """Return the kinds of fault that the backends have; None if the panel knows of none."""
    try:
        kinds: list[dict[str, Any]] = panel.ask("GET", "faults/kinds")["kinds"]
    except click.ClickException:
        return None
    return kinds or None


def _show_faults(panel: PanelClient, answer: dict[str, Any]) -> None:
    from brownout_faults import write_fault

    kinds = _kinds(panel) if answer["faults"]["faults"] else None
    for fault in answer["faults"]["faults"]:
        click.echo(write_fault(fault, kinds))
    if not answer["faults"]["faults"]:
        click.echo("no faults")
    _show_standing(answer)


def _show_standing(answer: dict[str, Any]) -> None:
    click.echo(f"on {answer['applied']} of {answer['of']} replicas")
    for name, held in answer["replicas"].items():
        if held["standing"] != "applied":
            reason = f": {held['reason']}" if held["reason"] else ""
            click.echo(f"  {name} {held['standing']}{reason}")
