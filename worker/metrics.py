"""What the worker tells Prometheus, read from its own counters when asked: nothing is paid on the way of a
job.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from worker.worker import Worker


class WorkerCollector(Collector):
    """Register it with `prometheus_client.REGISTRY` (or an own registry) in the process of the worker."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def collect(self) -> Iterator[Metric]:
        """Jobs by outcome, lanes at this moment."""
        stats = self._worker.runner.stats
        jobs = CounterMetricFamily("sauda_jobs", "Jobs of lanes by outcome.", labels=["outcome"])
        jobs.add_metric(["done"], stats.done)
        jobs.add_metric(["again"], stats.again)
        jobs.add_metric(["fault"], stats.faults)
        yield jobs
        yield CounterMetricFamily("sauda_lanes_blocked", "Lanes stopped.", value=stats.blocked)
        yield CounterMetricFamily(
            "sauda_leases_lost", "Lanes taken over by another worker.", value=stats.leases_lost
        )
        yield GaugeMetricFamily(
            "sauda_lanes_running", "Lanes being worked.", value=self._worker.lanes_running
        )
        yield GaugeMetricFamily(
            "sauda_lanes_ready", "Lanes waiting for a place.", value=self._worker.lanes_ready
        )
        yield GaugeMetricFamily("sauda_worker_healthy", "1 when healthy.", value=int(self._worker.is_healthy))
