"""Commands for a harness that runs in another terminal: they ask its control panel."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import click

from brownout.commands.fault_options import KindOptions, parsed, typed_texts
from brownout.errors import BrownoutError
from brownout.panel_client import PanelClient
from brownout.running_panels import panel_at
from brownout_client.policy import PRESETS
from brownout_panel.panel_address import URL_VARIABLE

F = TypeVar("F", bound=Callable[..., Any])

panel_option = click.option(
    "--panel",
    "url",
    envvar=URL_VARIABLE,
    metavar="URL",
    help="URL of the control panel; needed if several are running. BROWNOUT_PANEL does the same.",
)


@click.group()
def faults() -> None:
    """Set, clear and show the faults of the backends."""


@faults.command("set", cls=KindOptions)
@click.argument("texts", metavar="[FAULT]...", nargs=-1)
@click.option("--seed", type=click.IntRange(0), help="Seed for fault sampling.")
@click.option(
    "--json", "document", metavar="FAULTS", help="Faults as a JSON list, as the backend's API takes them."
)
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
    """Clear all faults, and check that every backend has none."""
    panel = panel_at(url)
    before = panel.ask("GET", "faults")["faults"]
    answer = panel.ask("DELETE", "faults")
    _show_faults(panel, answer)
    count = answer["injected"].get(str(before["revision"])) if before["faults"] else None
    if count is not None:
        click.echo(f"injected {count} time{'s' * (count != 1)}" + ": no request was hit" * (not count))


@faults.command("show")
@panel_option
def show_faults(url: str | None) -> None:
    """Show which faults are set, and which backends don't have them yet."""
    panel = panel_at(url)
    _show_faults(panel, panel.ask("GET", "faults"))


@click.command()
@click.argument("replica")
@click.option(
    "--even-last", is_flag=True, help="Kill it even if it is the last ready replica of its service."
)
@panel_option
def kill(replica: str, even_last: bool, url: str | None) -> None:
    """Kill a REPLICA abruptly; the fleet restarts it."""
    path = f"replicas/{quote(replica, safe='')}/kill"
    killed = panel_at(url).ask("POST", path, {"even_last": even_last})
    click.echo(f"{killed['name']} was killed ({killed['uid']})")


@click.command()
@click.argument("preset", required=False, metavar=f"[{'|'.join(PRESETS)}]")
@panel_option
def policy(preset: str | None, url: str | None) -> None:
    """Show the policy of the clients, or set it to a preset."""
    panel = panel_at(url)
    answer = panel.ask("PUT", "policy", {"preset": preset}) if preset else panel.ask("GET", "policy")
    name = answer["policy"]["name"] if answer["policy"] else "not known: no client has answered"
    click.echo(f"policy {name}")
    if answer["replicas"]:
        _show_standing(answer)


@click.command()
@click.argument("phase", required=False)
@click.option("--note", help="Write a note instead of a phase.")
@panel_option
def mark(phase: str | None, note: str | None, url: str | None) -> None:
    """Mark the beginning of a PHASE on the run's timeline, as in: brownout mark recovery"""
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
    except BrownoutError:
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
    if count := answer["faults"]["faults"] and answer["injected"].get(str(answer["faults"]["revision"])):
        click.echo(f"injected {count} time{'s' * (count != 1)} so far")


def _show_standing(answer: dict[str, Any]) -> None:
    click.echo(f"on {answer['applied']} of {answer['of']} replicas")
    for name, status in answer["replicas"].items():
        if status["state"] != "applied":
            reason = f": {status['reason']}" if status["reason"] else ""
            click.echo(f"  {name} {status['state']}{reason}")
