"""The harness's image as the pods of a run: its user, a read-only root file system, no capabilities."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.commands.cli import started
from tests.k8s.playing import playground

WHOLE_RUN_S = 240.0


def test_a_run_with_workers_goes_through_in_the_harness_s_image_under_the_limits_of_its_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster on this machine's network, whose kubelet is Docker."""
    cluster_folder, home = tmp_path / "cluster", tmp_path / "home"
    cluster_folder.mkdir()
    home.mkdir()
    with playground(cluster_folder, "containers") as cluster:
        os.chmod(cluster.kubeconfig("brownout"), 0o644)  # the container's user reads it
        for name, value in cluster.variables("run", home).items():
            monkeypatch.setenv(name, value)
        load = ("--workers", "2", "--arrival-rate", "40", "--run-time", "5s", "--target", cluster.client)
        with started("run", "--fleet", "k8s", *load, cwd=home) as command:
            code = command.process.wait(WHOLE_RUN_S)
            logs = "\n".join(path.read_text() for path in cluster_folder.glob("brownout-*.log"))
            assert code == 0, command.output + logs
        cluster.await_no_pods_of_runs()
    (manifest,) = (home / "results" / "runs").glob("*/run.json")
    workers = json.loads(manifest.read_text())["workers"]
    assert len(workers) == 2
    assert sum(worker["requests"] for worker in workers) == 200
