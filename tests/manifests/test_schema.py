"""The manifests fit the API's schemas, and the check that says so can say no."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.manifests.kustomize import FOLDERS, build
from tests.manifests.schema import complaints

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a", "labels": {"app": "a"}},
    "spec": {"containers": [{"name": "a", "ports": [{"containerPort": 5000}]}]},
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_object_fits_the_schema_of_its_kind(folder: str) -> None:
    """Unknown fields, wrong types and missing ones are refused by the API server; here first."""
    objects = build(folder)
    assert objects
    assert [line for one in objects for line in complaints(one)] == []


def test_a_pod_that_fits_draws_no_complaint() -> None:
    assert complaints(POD) == []


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("spec", "containers", 0, "imagePolicy"), "Never", "spec.containers.0.imagePolicy: Extra inputs"),
        (("spec", "containers", 0, "ports", 0, "containerPort"), "5000", "containerPort: Input should be"),
        (("spec", "containers", 0), {"image": "a"}, "spec.containers.0.name: Field required"),
        (("spec", "hostNetwork"), "yes", "spec.hostNetwork: Input should be a valid boolean"),
        (("spec", "containers"), {"name": "a"}, "spec.containers: Input should be a valid list"),
        (("kind",), "Pood", "there is no V1Pood"),
    ],
)
def test_what_does_not_fit_is_named(path: tuple[Any, ...], value: Any, complaint: str) -> None:
    """An unknown field, a wrong type, a missing name, an unknown kind."""
    pod = copy.deepcopy(POD)
    place = pod
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert complaint in "\n".join(complaints(pod))
