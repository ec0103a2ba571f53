"""The binomial distribution, without a statistics library."""

from math import exp, lgamma, log


def interval(n: int, p: float, share: float) -> tuple[int, int]:
    """The narrowest counts between which at least `share` of n trials of probability p lie, tails alike."""
    if p in (0, 1):
        return round(n * p), round(n * p)
    tail = (1 - share) / 2
    return _quantile(n, p, tail), _quantile(n, p, 1 - tail)


def _quantile(n: int, p: float, probability: float) -> int:
    """The smallest k of which P(X ≤ k) ≥ probability."""
    total = 0.0
    for k in range(n + 1):
        total += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))
        if total >= probability:
            return k
    return n
