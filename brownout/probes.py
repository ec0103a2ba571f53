"""Probes for Chaos Toolkit experiments: what users saw, and the state of faults, breakers and replicas."""

from brownout_chaos.probes import (
    all_replicas_ready,
    breaker_state,
    faults_active,
    goodput,
    latency_percentile,
    retry_amplification,
    success_ratio,
    utilisation,
)

__all__ = [
    "all_replicas_ready",
    "breaker_state",
    "faults_active",
    "goodput",
    "latency_percentile",
    "retry_amplification",
    "success_ratio",
    "utilisation",
]
