"""Counters and histograms of what happens with every receipt: counted in plain dictionaries and told to
Prometheus when somebody asks. The library's own lock and check each time, which costs three times as much.

For one event loop: nothing here is safe to call from threads.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

Label = str | int


class Tally(Collector):
    """How often something happened, by its labels; the name without Prometheus' `_total`."""

    def __init__(self, name: str, text: str, labels: Sequence[str], *, registry: CollectorRegistry) -> None:
        self._name, self._text, self._labels = name, text, labels
        self._counts: dict[tuple[Label, ...], int] = {}
        registry.register(self)

    def add(self, *labels: Label, times: int = 1) -> None:
        """It happened again."""
        self._counts[labels] = self._counts.get(labels, 0) + times

    def collect(self) -> Iterator[CounterMetricFamily]:
        """See Collector."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for labels, count in self._counts.items():
            family.add_metric([str(each) for each in labels], count)
        yield family


class Times(Collector):
    """How many seconds something took, by one label. bounds: upper ends of the classes, rising."""

    def __init__(
        self, name: str, text: str, label: str, *, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name, self._text, self._label = name, text, label
        self._bounds = tuple(map(float, bounds))
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def observe(self, label: str, seconds: float) -> None:
        """It took so long."""
        counts = self._counts.get(label)
        if counts is None:
            counts = self._counts[label] = [0] * (len(self._bounds) + 1)
            self._sums[label] = 0.0
        counts[bisect_left(self._bounds, seconds)] += 1
        self._sums[label] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """See Collector."""
        family = HistogramMetricFamily(self._name, self._text, labels=[self._label])
        ends = [*map(floatToGoString, self._bounds), "+Inf"]
        for label, counts in self._counts.items():
            buckets = list(zip(ends, accumulate(counts), strict=True))
            family.add_metric([label], buckets=buckets, sum_value=self._sums[label])
        yield family
