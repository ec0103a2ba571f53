"""A dependency that answers late."""

from statistics import NormalDist
from typing import Annotated, Literal

from msgspec import Meta

from .call import Call
from .fault import Fault

MAX_MS = 600_000
"""The longest delay: ten minutes, longer than any caller should wait."""

Milliseconds = Annotated[int, Meta(ge=0, le=MAX_MS)]

_PHI = NormalDist()


class Latency(Fault, tag="latency"):
    """Delay the request, then let it go on."""

    ms: Milliseconds = 0
    """Milliseconds; see `delay_ms` for what they mean in each distribution."""

    jitter_ms: Milliseconds = 0
    """How far delays spread, in milliseconds; not for "constant"."""

    distribution: Literal["constant", "uniform", "normal", "pareto"] = "constant"

    answers = False

    def __post_init__(self) -> None:
        if self.jitter_ms and self.distribution == "constant":
            raise ValueError(
                f"jitter_ms is {self.jitter_ms} and the distribution is constant; "
                'allowed: jitter_ms 0, or distribution "uniform", "normal" or "pareto"'
            )

    def inject(self, call: Call) -> None:
        call.wait(delay_ms(self, call.draw) / 1000)


def delay_ms(latency: Latency, draw: float) -> float:
    """The delay for the uniform random number `draw`, in [0, 1): the distribution's quantile.

    constant:  ms
    uniform:   ms + jitter_ms · (2·draw − 1); between ms − jitter_ms and ms + jitter_ms
    normal:    ms + jitter_ms · Φ⁻¹(draw); jitter_ms is the standard deviation
    pareto:    ms + jitter_ms · ((1 − draw)^(−1/2) − 1); Lomax with shape 2: never below ms, jitter_ms more on
               average, and a tail so heavy that its variance is infinite

    Bounded to 0 … MAX_MS, which raises the mean where much of a uniform or normal spread would lie below 0.
    """
    match latency.distribution:
        case "constant":
            spread = 0.0
        case "uniform":
            spread = 2 * draw - 1
        case "normal":
            spread = _PHI.inv_cdf(max(draw, 2**-53))  # Φ⁻¹(0) is −∞
        case "pareto":
            spread = (1 - draw) ** -0.5 - 1
    return min(max(latency.ms + latency.jitter_ms * spread, 0.0), MAX_MS)
