"""Figures of jobs and lanes for Prometheus, in the process's registry (kernel.metrics)."""

from __future__ import annotations

from prometheus_client import Counter

from kernel.metrics import REGISTRY, SLOW, Level
from kernel.tallies import Tally, Times

jobs_ended = Tally(
    "sauda_jobs",
    "Runs of jobs by kind and how they ended (done, again, block, failed).",
    ("kind", "outcome"),
    registry=REGISTRY,
)
job_seconds = Times(
    "sauda_job_seconds", "From the prepared to the settled job.", "kind", bounds=SLOW, registry=REGISTRY
)
leases_lost = Counter("sauda_leases_lost", "Lanes taken over while they were worked.", registry=REGISTRY)
lanes_running = Level("sauda_lanes_running", "Lanes this process is working.")
