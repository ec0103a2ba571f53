"""`brownout init` and `brownout config`, as they are typed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brownout.commands.exit_codes import exit_codes
from brownout.commands.project_context import project_of
from brownout.commands.project_options import project_options
from brownout_terms.exits import Exit

if TYPE_CHECKING:
    pass

QUESTIONS = (
    "How is your service started (a command with {port}), or where does it run (a URL)",
    "What does it call, as VARIABLE=URL, such as PRICES_URL=http://127.0.0.1:9000 (empty: nothing)",
    "What do its users ask for",
)


@click.command()
@click.option(
    "--command", metavar="LINE", help="Command that starts a replica, such as 'node shop.js {port}'."
)
@click.option("--url", metavar="URL", help="URL of a service that runs already.")
@click.option(
    "--dependency",
    "dependencies",
    metavar="NAME=URL",
    multiple=True,
    help="What the service calls: a name or a variable, and a URL or a command; repeatable.",
)
@click.option("--path", "paths", metavar="PATH", multiple=True, help="What users ask for; repeatable.")
@click.option(
    "--openapi",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the users' GET requests from an OpenAPI document.",
)
@click.option(
    "--har",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Make the locustfile from a browser's recording, by har2locust.",
)
@click.option("--ready", metavar="PATH", help="Path that answers when the service is ready.")
@click.option("--breaker", metavar="PATH", help="Path where the service shows its circuit breakers.")
@click.option("--name", help="Name of the service.  [default: the folder's]")
@click.option(
    "--arrival-rate",
    type=click.FloatRange(0, min_open=True),
    default=50,
    show_default=True,
    help="Requests per second.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@exit_codes(Exit.PASSED, Exit.USAGE)
def init(
    command: str | None,
    url: str | None,
    dependencies: tuple[str, ...],
    paths: tuple[str, ...],
    openapi: Path | None,
    har: Path | None,
    ready: str | None,
    breaker: str | None,
    name: str | None,
    arrival_rate: float,
    force: bool,
) -> None:
    """Write brownout.toml for your service, with users, an experiment and a workflow for CI.

    It asks what no option says. As in: brownout init --command "uvicorn shop:app --port {port}"
    --dependency PRICES_URL=http://127.0.0.1:9000 --path /checkout
    """
    from brownout.errors import UsageError
    from brownout.project.first_files import ServiceAnswers, files_of, parse_dependency, write
    from brownout.project.openapi import named, page, read_openapi
    from brownout.project.read import NAME, as_name, check_text
    from brownout.project.recording import locustfile_of_har

    if command and url:
        raise UsageError("--command starts a service, and --url names one that runs: use one of the two.")
    if not command and not url:
        given = _ask(QUESTIONS[0], "--command or --url")
        command, url = (None, given) if given.startswith(("http://", "https://")) else (given, None)
        if not dependencies:
            dependencies = tuple(_ask(QUESTIONS[1], "--dependency", "").split())
        if not (paths or openapi or har):
            paths = (_ask(QUESTIONS[2], "--path", "/"),)
    requests = read_openapi(openapi) if openapi else named([page(one) for one in paths or ("/",)])
    answers = ServiceAnswers(
        name=name or as_name(Path.cwd().name),
        command=command,
        url=url,
        dependencies=[parse_dependency(one) for one in dependencies],
        requests=requests,
        ready=ready,
        breaker=breaker,
        arrival_rate=arrival_rate,
        locustfile=locustfile_of_har(har) if har else None,
    )
    files = files_of(answers)
    check_text(NAME, files[NAME])
    for path in write(Path(), files, force=force):
        click.echo(f"wrote {path}")
    click.echo("\nTry: brownout doctor, then brownout run")


def _ask(question: str, option: str, default: str | None = None) -> str:
    """Ask; where nobody can answer, say which option does."""
    try:
        return str(click.prompt(question, default=default, show_default=bool(default)))
    except click.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            raise
        raise click.UsageError(f"nobody answered: {question}? Say it with {option}") from None


@click.command()
@project_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--schema", is_flag=True, help="Print the file's JSON schema, for editors.")
@exit_codes(Exit.PASSED, Exit.USAGE)
def config(as_json: bool, schema: bool) -> None:
    """Print what holds of brownout.toml and the environment, and where each value comes from.

    Secrets are masked. As in: brownout config --schema > brownout.schema.json
    """
    import json

    from brownout.project.convert import toml
    from brownout.project.shown import as_rows, schema_text

    if schema:
        click.echo(schema_text(), nl=False)
        return
    project = project_of()
    if project is None:
        raise click.UsageError(
            "there is no brownout.toml here or above, and commands use brownout's own services.\n\n"
            "Write one: brownout init"
        )
    rows = as_rows(project)
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows], indent=2, ensure_ascii=False))
        return
    width = max(len(f"{row.key} = {toml(row.value)}") for row in rows)
    for row in rows:
        click.echo(f"{f'{row.key} = {toml(row.value)}':<{min(width, 60)}}  # {row.place}")


COMMANDS = [init, config]
