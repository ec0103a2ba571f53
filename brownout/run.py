"""`brownout run`: a fleet, a load without a web UI, a run folder, and an exit code."""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from brownout import experiment, meeting, not_started, preflight
from brownout.errors import BrownoutError, LoadImpossibleError, LoadNotStartedError, UsageError
from brownout.locust_process import LOCUSTFILE, LocustProcess
from brownout.panel_client import PanelClient
from brownout.progress import show_progress
from brownout.project.start import start_fleet
from brownout.run_end import note_end, signal_name
from brownout.summary import show_summary
from brownout_chaos.files import ExperimentFile, hand_over
from brownout_fleet.config import FleetConfig
from brownout_fleet.launch import new_log_dir
from brownout_results.judge.locust_verdict import LocustVerdict, locust_verdict
from brownout_results.judge.thresholds import Baseline, Threshold, ThresholdVerdict, evaluate
from brownout_results.measure.validity import why_no_result
from brownout_results.read import run_folder
from brownout_results.record import check_out
from brownout_terms.exits import Exit
from brownout_terms.variables import TESTED


@dataclass(frozen=True)
class Settings:
    """What to run: `locust` are Locust's arguments, the load's among them; `fleet` or `target` is set."""

    locust: Sequence[str]
    label: str
    run_time_s: float | None
    out: Path
    locustfile: Path = LOCUSTFILE
    target: str | None = None
    fleet: FleetConfig | None = None
    thresholds: Sequence[Threshold] = ()
    baseline: Baseline | None = None
    """What relative thresholds are relative to."""
    experiment: ExperimentFile | None = None
    """What runs beside the load, as it was read and checked; the load ends after it."""
    policy: str | None = None
    """Set on clients that run already, before the experiment; started ones have it from the start."""
    tested: Mapping[str, Any] | None = None
    """What brownout.toml says of what is tested, for run.json."""


class RunningLoad(Protocol):
    """A load that runs, here or elsewhere."""

    def progress(self) -> Iterator[dict[str, Any]]:
        """The recorder's progress lines, until it ends."""

    @property
    def panel(self) -> PanelClient | None:
        """Its control panel; None until that is up."""


@dataclass
class RunInterrupts:
    """Ctrl-C: once ends the run gently, twice at once."""

    gently: Callable[[], None]
    at_once: Callable[[], None]
    count: int = field(default=0, init=False)

    def handle(self, _signal: int, _frame: FrameType | None) -> None:
        """Take one interrupt."""
        self.count += 1
        (self.gently if self.count == 1 else self.at_once)()

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Handle SIGINT and SIGTERM here."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        previous = {number: signal.signal(number, self.handle) for number in numbers}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def run(settings: Settings, console: Console) -> int:
    """Run the load, show how it goes, and judge it; see `recorded`."""
    return recorded(settings, console)[0]


def recorded(settings: Settings, console: Console) -> tuple[int, Path | None]:
    """The same, and the run's folder; none if it was interrupted before the load began.

    Raises FleetError, RunFolderError or BrownoutError.
    """
    check_out(settings.out)
    check_meeting(settings.locust)
    preflight.warn(console, settings.run_time_s)
    conductor: experiment.Conductor | None = None
    if settings.experiment:
        experiment.check_panel_folder()
        conductor = experiment.Conductor(settings.experiment.path, console, settings.policy)
    with ExitStack() as stack:
        fleet, target = None, settings.target
        if settings.fleet:
            with console.status("starting replicas"):
                fleet = stack.enter_context(start_fleet(settings.fleet))
            target = target or fleet.up.target
        log_dir = Path(settings.fleet.log_dir) if settings.fleet else new_log_dir()
        log_dir.mkdir(parents=True, exist_ok=True)
        log = log_dir / "locust.log"
        variables = {TESTED: json.dumps(settings.tested)} if settings.tested else {}
        if settings.experiment:
            variables |= hand_over(settings.experiment, log_dir) | experiment.cluster_of(settings.fleet)
        locust = stack.enter_context(LocustProcess(arguments(settings, str(target)), log, fleet, variables))
        interrupts = RunInterrupts(locust.stop_gently, locust.kill)
        with interrupts.caught():
            folder = follow(settings, locust, interrupts, console, conductor, locust.must_end_in)
            code = locust.wait()
        fleet_ended = fleet.ended if fleet else None
    if folder is None and interrupts.count:
        return Exit.INTERRUPTED, None
    if folder is None:
        raise failed_to_start(locust.output(), code, log, settings.locustfile)
    note_end(folder, locust.killed_because, code, fleet_ended)
    if settings.experiment:
        experiment.settle(settings.experiment.path, folder)
    result = judge(settings, folder, bool(interrupts.count), console, code)
    return (experiment.judged(folder, result, console) if settings.experiment else result), folder


def check_meeting(arguments: Sequence[str]) -> None:
    """Check that a master can be reached by its workers. Raises UsageError or LoadNotStartedError."""
    if meeting.is_worker(arguments):
        raise UsageError(
            "brownout run makes a load, and a worker only waits for a master's.\n\n"
            "Start a worker with Locust: locust -f FILE --worker --master-host HOST. The run that it is for: "
            "brownout run … -- --master --expect-workers 1"
        )
    place = meeting.meeting_of(arguments)
    found = meeting.check(place) if place else None
    if found and not found.ok:
        raise LoadNotStartedError(f"{found.found}.\n\nTo do: {found.remedy}")


def arguments(settings: Settings, target: str) -> list[str]:
    """Locust's command line."""
    fixed = [
        "--headless",
        "--only-summary",
        "--exit-code-on-error",
        "0",
        "--host",
        target,
    ]
    panel = ["--brownout-panel-port", "0"]
    run_time = ["--run-time", f"{math.ceil(settings.run_time_s)}s"] if settings.run_time_s else []
    record = ["--brownout-label", settings.label, "--brownout-out", str(settings.out)]
    patience = meeting.patience(settings.locust)
    return ["-f", str(settings.locustfile), *fixed, *panel, *run_time, *record, *patience, *settings.locust]


def follow(
    settings: Settings,
    locust: RunningLoad,
    interrupts: RunInterrupts,
    console: Console,
    conductor: experiment.Conductor | None,
    must_end_in: Callable[[float], None] | None = None,
) -> Path | None:
    """Show progress, and conduct the experiment, until Locust ends; the run's folder, None if it never
    started one. Raises BrownoutError."""
    folder: list[Path] = []

    def lines() -> Iterator[dict[str, Any]]:
        for line in locust.progress():
            if "folder" in line:
                folder.append(Path(line["folder"]))
                if settings.run_time_s and must_end_in:
                    must_end_in(settings.run_time_s)
                continue
            if conductor:
                try:
                    conductor(locust.panel)
                except BrownoutError:
                    if not interrupts.count:  # an interrupted run refuses things, and that is not news
                        raise
            yield line

    show_progress(console, lines(), settings.label, settings.run_time_s)
    return folder[0] if folder else None


def failed_to_start(output: str, code: int, log: Path, locustfile: Path) -> LoadNotStartedError:
    """What to tell a user whose load never began; Locust's own words say why."""
    kind = LoadImpossibleError if not_started.is_refusal(output, code) else LoadNotStartedError
    return kind(not_started.why(output, code, log, locustfile))


def judge(settings: Settings, folder: Path, interrupted: bool, console: Console, locust_code: int = 0) -> int:
    """Read the run folder, print what it says, and turn it into an exit code.

    Locust's own verdict is kept. It was told that failed requests are none of its business, unless the user
    has told it otherwise.
    """
    from brownout.reporting import why_untold

    result = run_folder.read(folder)
    verdicts = evaluate(result, settings.thresholds, settings.baseline)
    invalid = why_no_result(result)
    show_summary(console, result, verdicts)
    write_report(console, result, verdicts)
    if interrupted:
        console.print("[bold]interrupted[/]: the figures are of what ran until then")
        return Exit.INTERRUPTED
    if invalid:
        console.print(Text.assemble(("invalid", "bold"), f": {invalid}"), soft_wrap=True)
        return Exit.INVALID
    if untold := why_untold(verdicts):
        console.print(Text.assemble(("invalid", "bold"), f": {untold}"), soft_wrap=True)
        return Exit.INVALID
    if verdict := _locust_verdict(settings, result, locust_code, console):
        console.print(Text.assemble((verdict.whose, "bold"), f": {verdict.reason}"), soft_wrap=True)
        return verdict.exit_code
    if result.manifest.get("how_ended") == "interrupted":  # and not by us
        told = ": somebody has told Locust to end, and not brownout; the figures are of what ran until then"
        console.print(Text.assemble(("interrupted", "bold"), told), soft_wrap=True)
        return Exit.INTERRUPTED
    return Exit.MISSED if any(verdict.fails for verdict in verdicts) else Exit.PASSED


def _locust_verdict(
    settings: Settings, result: run_folder.Run, code: int, console: Console
) -> LocustVerdict | None:
    named = {argument.partition("=")[0] for argument in settings.locust}
    verdict = None if "--exit-code-on-error" in named else locust_verdict(result)
    if verdict or not code:
        return verdict
    if code > 0:  # nobody has chosen it for what it means here
        return LocustVerdict(Exit.MISSED if code in {*Exit} else code, f"it ended with exit code {code}")
    how = f"it was ended by {signal_name(-code)} when its record was closed"
    if result.manifest.get("locust"):  # what it made of the run is known: it died afterwards
        console.print(Text.assemble(("notice", "bold"), f": {how}"), soft_wrap=True)
        return None
    return LocustVerdict(Exit.INVALID, f"{how}, before it had said what it makes of the run")


def write_report(console: Console, result: run_folder.Run, verdicts: Sequence[ThresholdVerdict]) -> None:
    """Leave the report's files in the run folder, and the run in the index; a full disk costs no verdict."""
    from brownout.reporting import made_by, tell_job
    from brownout_results.report.report_files import MARKDOWN, write
    from brownout_results.report.runs import FolderRun
    from brownout_results.report.runs_index import write_index

    try:
        run = FolderRun(result)
        page = write(result.folder, run.report(made_by()), [run], verdicts)
        write_index(result.folder.parent)
    except OSError as error:
        console.print(
            f"the report could not be written: {error}", highlight=False, markup=False, soft_wrap=True
        )
    else:
        tell_job(page.with_name(MARKDOWN), [run], verdicts, console)
        console.print(Text.assemble(("report      ", "dim"), str(page)), soft_wrap=True)
