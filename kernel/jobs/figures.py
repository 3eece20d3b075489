"""Figures of jobs and lanes for Prometheus, in the process's registry (kernel.metrics)."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import Counter, Histogram

from kernel.metrics import REGISTRY, SLOW, Level

_done = Counter(
    "sauda_jobs",
    "Runs of jobs by kind and how they ended (done, again, block, failed).",
    ("kind", "outcome"),
    registry=REGISTRY,
)
_seconds = Histogram(
    "sauda_job_seconds",
    "From the prepared to the settled job.",
    ("kind",),
    buckets=SLOW,
    registry=REGISTRY,
)
leases_lost = Counter("sauda_leases_lost", "Lanes taken over while they were worked.", registry=REGISTRY)
lanes_running = Level("sauda_lanes_running", "Lanes this process is working.")


@lru_cache(maxsize=4_096)  # looking a child up costs more than counting
def jobs_ended(kind: str, outcome: str) -> Counter:
    """The counter of runs of one kind that ended one way."""
    return _done.labels(kind, outcome)


@lru_cache(maxsize=1_024)
def job_seconds(kind: str) -> Histogram:
    """The histogram of one kind."""
    return _seconds.labels(kind)
