"""Checks of `brownout doctor` for a fleet on Compose."""

from __future__ import annotations

from collections.abc import Iterator

from brownout_fleet.checkup import CheckResult, command_finding, output_of
from brownout_fleet.compose_command import IMAGES


def findings() -> Iterator[CheckResult]:
    """The Docker command, an engine that answers, either generation of Compose, and our images."""
    remedy = "install Docker: https://docs.docker.com/engine/install/"
    yield command_finding("docker", ["docker", "--version"], remedy)
    engine = output_of(["docker", "version", "--format", "{{.Server.Version}}"])
    remedy = "start Docker Desktop, or: systemctl start docker"
    yield CheckResult("Docker engine", engine.ok, engine.text, remedy)
    plugin = output_of(["docker", "compose", "version", "--short"])
    compose = plugin if plugin.ok else output_of(["docker-compose", "version", "--short"])
    remedy = "install the Compose plugin: https://docs.docker.com/compose/install/"
    yield CheckResult("Compose", compose.ok, compose.text, remedy)
    for image in IMAGES if engine.ok else ():
        built = output_of(["docker", "image", "inspect", "--format", "built {{.Created}}", image])
        found = built.text if built.ok else "not built"
        yield CheckResult(f"image {image}", built.ok, found, "make service-images")
