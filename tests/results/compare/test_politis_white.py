"""Block lengths are those that the package arch tells."""

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length

from results.compare.blocks import politis_white
from results.compare.seconds import Floats


def wandering(size: int, memory: float, seed: int) -> Floats:
    """A series of which each value keeps a share of the one before."""
    values = np.random.default_rng(seed).normal(size=size)
    for at in range(1, size):
        values[at] += memory * values[at - 1]
    return values


@pytest.mark.parametrize("size", [9, 10, 11, 30, 99, 100, 1000])
@pytest.mark.parametrize("memory", [0.0, 0.5, 0.95])
def test_the_length_is_arch_s(size: int, memory: float) -> None:
    for seed in range(10):
        values = wandering(size, memory, seed)
        for series in (values, np.round(values), np.where(values > 1, values, 0.0)):
            if series.std() > 0:
                with np.errstate(divide="ignore", invalid="ignore"):
                    theirs = float(optimal_block_length(series)["circular"].iloc[0])
                assert politis_white(series) == pytest.approx(theirs, rel=1e-9, nan_ok=True)
