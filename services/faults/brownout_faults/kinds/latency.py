"""A dependency that answers late."""

from statistics import NormalDist
from typing import Annotated, ClassVar, Literal

from brownout_faults.effects import Delay
from brownout_faults.fault import Fault, setting
from brownout_faults.registry import register

MAX_MS = 600_000
"""The longest delay: ten minutes, longer than any caller should wait."""

Milliseconds = Annotated[
    int,
    setting("delay", "How long requests are delayed.", unit="ms", usual_max=2000, ge=0, le=MAX_MS),
]

Jitter = Annotated[
    int,
    setting(
        "±", "How far delays spread; not for a constant one.", unit="ms", usual_max=2000, ge=0, le=MAX_MS
    ),
]

Distribution = Annotated[
    Literal["constant", "uniform", "normal", "pareto"],
    setting(
        "distribution",
        "How delays spread; Pareto has a heavy tail.",
        suggested="normal",
        only_with="jitter_ms",
    ),
]

_PHI = NormalDist()


@register
class Latency(Fault, tag="latency"):
    """Delay the request, then let it go on."""

    ms: Milliseconds = 0
    """See `delay_ms` for what this means in each distribution."""

    jitter_ms: Jitter = 0
    distribution: Distribution = "constant"

    label = "latency"
    phrase = "{ms}[ ± {jitter_ms}] latency[ on {rate}]"
    main_field = "ms"
    form = "slider"
    example: ClassVar = {"ms": 200, "jitter_ms": 50, "distribution": "normal", "rate": 0.5}
    answers = False

    def __post_init__(self) -> None:
        if self.jitter_ms and self.distribution == "constant":
            raise ValueError(
                f"jitter_ms is {self.jitter_ms} and the distribution is constant; "
                'allowed: jitter_ms 0, or distribution "uniform", "normal" or "pareto"'
            )

    def effect(self, draw: float) -> Delay:
        return Delay(delay_ms(self, draw) / 1000)


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
