"""The verdict on an experiment: a pure function of the engine's journal and of what the fleet says.

The engine calls an experiment "completed" even if its method never ran, its kill hit nothing or its rollback
failed. None of these ever passes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from brownout_chaos import tolerances
from brownout_chaos.control import failure, has_failed, unmet
from brownout_chaos.needs import needs_of
from brownout_terms.verdicts import ExperimentWord, StepState

STEP_STATES: dict[ExperimentWord, StepState] = {"passed": "succeeded", "aborted": "aborted"}
"""State of a step on the panel's timeline by verdict; the others are "failed"."""

IDLE = {"mark_phase", "restore_load", "restore_policy", "clear_faults"}
"""Actions of brownout.actions that change nothing by themselves."""

PODS = {"terminate_pods", "delete_pods"}
"""Actions of chaosk8s that return the names of the pods that they deleted."""


@dataclass(frozen=True)
class Judgement:
    """A verdict: one word, and the reason in a sentence."""

    word: ExperimentWord
    reason: str

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"


@dataclass(frozen=True)
class Evidence:
    """What is known in addition to the journal."""

    reported_in: bool = True
    """Whether the control that writes the timeline was there before anything else happened."""
    stopped: str | None = None
    """Why the experiment was told to end early."""
    lost: str | None = None
    """Why the panel could not be reached."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Identity (uid) of each replica by its name, before the experiment."""
    after: Mapping[str, str] = field(default_factory=dict)
    """The same after the rollbacks."""
    faults_left: str | None = None
    """Why faults may still be there after the rollbacks."""
    injected: Mapping[int, int] = field(default_factory=dict)
    """How often each fault set was injected, by its revision; one of which that is unknown is missing."""


Journal = Mapping[str, Any]


def judge(journal: Journal | None, evidence: Evidence) -> Judgement:
    """Return the verdict. `journal` is None if the engine never started."""
    if not evidence.reported_in or journal is None:
        return Judgement(
            "invalid",
            "the control that writes the timeline did not report in, so nothing was done"
            + (f": {evidence.lost}" if evidence.lost else ""),
        )
    found = next(_judgements(journal, evidence))
    left = "; ".join(_left_behind(journal, evidence))
    if not left:
        return found
    if found.word in ("failed", "aborted"):
        return Judgement(found.word, f"{found.reason}; and {left}")
    return Judgement("failed", f"{left} (else: {found})")


def _judgements(journal: Journal, evidence: Evidence) -> Iterator[Judgement]:
    """Yield verdicts; the first one counts."""
    if evidence.stopped:
        yield Judgement("aborted", f"{evidence.stopped} before it was over")
    if evidence.lost:
        yield Judgement("failed", f"the panel was lost: {evidence.lost}")
    yield from _not_steady_before(journal)
    yield from _not_done(journal)
    if journal["status"] == "interrupted":
        yield Judgement("aborted", "the engine was interrupted")
    yield from _did_nothing(journal, evidence)
    yield from _not_proven(journal["run"], evidence)
    yield from _out_of_tolerance(journal["run"])
    yield from _not_steady_after(journal)
    yield from _not_injected(journal["run"], evidence)
    yield Judgement("passed", _reason_passed(journal, evidence))


def _not_steady_before(journal: Journal) -> Iterator[Judgement]:
    before = journal["steady_states"]["before"]
    if not before or not before.get("probes"):
        yield Judgement("invalid", "no steady state was checked before the method, so nothing can be told")
    elif not before["steady_state_met"]:
        yield Judgement("invalid", f"not steady to begin with, so the method never ran: {unmet(before)}")


def _not_done(journal: Journal) -> Iterator[Judgement]:
    """Activities that failed, never ran, or ran dry."""
    runs, method = journal["run"], journal["experiment"].get("method", [])
    for run in runs:
        name = run["activity"]["name"]
        if has_failed(run):
            yield Judgement(
                "failed", f'the {run["activity"]["type"]} "{name}" failed: {failure(run) or "no end"}'
            )
        if run["activity"].get("dry"):
            yield Judgement("invalid", f'"{name}" ran dry: it was not done')
    if journal["experiment"].get("dry"):
        yield Judgement("invalid", "the experiment ran dry: nothing was done")
    if journal["status"] == "aborted":
        yield Judgement("failed", "the engine gave up on an error of its own; see experiment.log")
    if len(runs) < len(method) and journal["status"] != "interrupted":
        yield Judgement("invalid", f"{len(runs)} of {len(method)} activities ran")


def _did_nothing(journal: Journal, evidence: Evidence) -> Iterator[Judgement]:
    actions = [run for run in journal["run"] if run["activity"]["type"] == "action"]
    if all(is_idle(run["activity"]) for run in actions):
        yield Judgement("invalid", "the method changed nothing: it has no action but marks")
    for run in actions:
        if run["output"] in ([], {}, ""):
            yield Judgement(
                "invalid",
                f'the action "{run["activity"]["name"]}" succeeded and did nothing: its output is empty',
            )

    if all(is_idle(run["activity"]) or _left_as_it_was(run) for run in actions):
        yield Judgement("invalid", "the method changed nothing: what its actions set was there before")
    acting = [run["activity"] for run in actions if not is_idle(run["activity"])]
    replaced = bool(evidence.after) and dict(evidence.before) != dict(evidence.after)
    is_declared = needs_of(journal["experiment"]).unproven_actions
    if all(map(_is_foreign, acting)) and not (replaced or is_declared):
        names = ", ".join(f'"{one["name"]}"' for one in acting)
        yield Judgement(
            "invalid",
            f"nothing shows that {names} did anything to the system. If it did, say so in the file: "
            '"extensions": [{"name": "brownout", "unproven_actions": true}]',
        )


def _left_as_it_was(run: Mapping[str, Any]) -> bool:
    """Whether an action of ours has found what it was to set: faults, none of which is set, among it."""
    output = run["output"]
    if not isinstance(output, dict):
        return False
    match _func(run["activity"]):
        case "set_faults":
            return output.get("faults") == []
        case "set_policy":
            return "custom" != output.get("policy") == output.get("before")
        case "set_load":
            return output.get("settings") == output.get("before")
    return False


def _is_foreign(activity: Mapping[str, Any]) -> bool:
    """Whether an action is one of which nothing is known, so that it may have changed nothing."""
    module = str((activity.get("provider") or {}).get("module") or "")
    return module != "brownout.actions" and not module.startswith("chaosk8s.")


def _not_proven(runs: Sequence[Mapping[str, Any]], evidence: Evidence) -> Iterator[Judgement]:
    """Kills and faults that the fleet does not confirm."""
    has_killed = False
    for run in runs:
        provider, output = run["activity"]["provider"], run["output"]
        name, what = run["activity"]["name"], (provider.get("module"), provider.get("func"))
        if what == ("brownout.actions", "kill_replica"):
            kills = output.get("kills") if isinstance(output, dict) else None
            if not kills or not all(_is_proven(kill, evidence) for kill in kills):
                yield Judgement("failed", f'the kill "{name}" is not proven: no replica changed its identity')
        elif what == ("brownout.actions", "set_faults"):
            answer = output if isinstance(output, dict) else {}
            if not answer.get("of") or answer.get("applied") != answer["of"]:
                yield Judgement("failed", f'the faults of "{name}" were not read back from every replica')
        elif str(what[0]).startswith("chaosk8s.") and what[1] in PODS:
            yield from _not_replaced(name, output or [], evidence, is_first=not has_killed)
            has_killed = True


def _not_replaced(
    name: str, deleted: Sequence[str], evidence: Evidence, *, is_first: bool
) -> Iterator[Judgement]:
    """Deleted pods that are not the fleet's, are still there, or were not replaced."""
    # A later action may hit a pod that replaced one of the first action's, which was not known before.
    strangers = [pod for pod in deleted if is_first and pod not in evidence.before]
    gone = set(evidence.before.values()) - set(evidence.after.values())
    new = set(evidence.after.values()) - set(evidence.before.values())
    replaced = min(len(gone), len(new))
    if strangers:
        yield Judgement("failed", f'"{name}" deleted {", ".join(strangers)}: no replica of the fleet')
    elif not deleted or replaced < len(deleted):
        yield Judgement(
            "failed", f'"{name}" says it deleted {len(deleted)} pods, and {replaced} replicas were replaced'
        )


def _not_injected(runs: Sequence[Mapping[str, Any]], evidence: Evidence) -> Iterator[Judgement]:
    """Faults that were there and hit nothing: that all went well says nothing of them."""
    idle = [run["output"] for run in runs if _times_injected(run, evidence) == 0]
    if idle:
        words = "; ".join(str(output.get("words") or "faults") for output in idle)
        yield Judgement(
            "invalid", f"nothing was injected while these faults were set: {words}. No request was hit"
        )


def _times_injected(run: Mapping[str, Any], evidence: Evidence) -> int | None:
    if _func(run["activity"]) != "set_faults" or not isinstance(run["output"], dict):
        return None
    return evidence.injected.get(run["output"].get("revision", -1))


def _is_proven(kill: Mapping[str, str], evidence: Evidence) -> bool:
    """Whether the killed identity is gone and the one in its place is new."""
    return (
        kill.get("uid") is not None
        and kill.get("new_uid") not in (None, kill["uid"], *evidence.before.values())
        and kill["uid"] not in evidence.after.values()
        and bool(evidence.after)
    )


def _out_of_tolerance(runs: Sequence[Mapping[str, Any]]) -> Iterator[Judgement]:
    """Probes of the method that are out of their tolerance, which the engine ignores."""
    for run in runs:
        activity = run["activity"]
        if activity["type"] != "probe" or "tolerance" not in activity:
            continue
        if not tolerances.is_within(activity["tolerance"], run["output"]):
            found = tolerances.comparison(activity["tolerance"], run["output"])
            yield Judgement("deviated", f'during the method: the probe "{activity["name"]}" found {found}')


def _not_steady_after(journal: Journal) -> Iterator[Judgement]:
    states = journal["steady_states"]
    for during in states.get("during") or []:
        if during and not during["steady_state_met"]:
            yield Judgement("deviated", f"not steady during the method: {unmet(during)}")
    after = states["after"]
    if not after or not after.get("probes"):
        yield Judgement("invalid", "no steady state was checked after the method")
    elif after["probes"][-1].get("status") == "failed":
        yield Judgement("failed", f"whether it is steady afterwards is not known: {unmet(after)}")
    elif not after["steady_state_met"] or journal["deviated"]:
        yield Judgement("deviated", f"not steady after the method: {unmet(after)}")


def _left_behind(journal: Journal, evidence: Evidence) -> Iterator[str]:
    """What the rollbacks did not undo."""
    runs, declared = journal["rollbacks"], journal["experiment"].get("rollbacks", [])
    for run in runs:
        if has_failed(run):
            yield f'THE ROLLBACK "{run["activity"]["name"]}" FAILED: {failure(run) or "no end"}'
    if len(runs) < len(declared):
        yield f"only {len(runs)} of {len(declared)} rollbacks ran"
    if evidence.faults_left:
        yield f"{evidence.faults_left}; faults end with their lease when the panel ends"


def _reason_passed(journal: Journal, evidence: Evidence) -> str:
    runs = journal["run"]
    kills = sum(len(run["output"]["kills"]) for run in runs if _func(run["activity"]) == "kill_replica")
    faults = sum(1 for run in runs if _func(run["activity"]) == "set_faults")
    proofs = [f"{_count(kills, 'kill')} proven"] if kills else []
    injected = sum(_times_injected(run, evidence) or 0 for run in runs)
    told = f" and injected {_count(injected, 'time')}" if injected else ""
    proofs += [f"{_count(faults, 'fault set')} read back{told}"] if faults else []
    title = (journal["experiment"].get("steady-state-hypothesis") or {}).get("title")
    return f'"{title}" held before and after; ' + ", ".join(
        [_count(len(runs), "step"), *proofs, _count(len(journal["rollbacks"]), "rollback")]
    )


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def is_idle(activity: Mapping[str, Any]) -> bool:
    """Whether an action changes nothing by itself: a mark, or a probe that is called an action."""
    provider = activity.get("provider") or {}
    return provider.get("module") == "brownout.probes" or (_func(activity) in IDLE)


def _func(activity: Mapping[str, Any]) -> str | None:
    provider = activity.get("provider") or {}
    return provider.get("func") if provider.get("module") == "brownout.actions" else None
