"""Figures kept in plain dictionaries say what Prometheus' own say."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

from kernel.tallies import Tally, Times

BOUNDS = (0.001, 0.0025, 0.5, 1, 10)
SECONDS = (0.0, 0.001, 0.0011, 0.0025, 0.5, 0.75, 1.0, 10.0, 10.5)


def told(registry: CollectorRegistry) -> list[str]:
    """What a collector gets, without the moments at which the library made its own."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


def test_a_tally_is_told_as_a_counter() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("asked", "Questions.", ("route", "status"), registry=ours)
    counter = Counter("asked", "Questions.", ("route", "status"), registry=theirs)
    for status in (200, 200, 404):
        tally.add("/a", status)
        counter.labels("/a", status).inc()
    tally.add('"\\', 200, times=3)
    counter.labels('"\\', 200).inc(3)

    assert told(ours) == told(theirs)
    assert 'asked_total{route="/a",status="200"} 2.0' in told(ours)


def test_times_are_told_as_a_histogram_also_at_the_very_ends_of_its_classes() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    times = Times("took", "Seconds.", "kind", bounds=BOUNDS, registry=ours)
    histogram = Histogram("took", "Seconds.", ("kind",), buckets=BOUNDS, registry=theirs)
    for seconds in SECONDS:
        times.observe("sale", seconds)
        histogram.labels("sale").observe(seconds)

    assert told(ours) == told(theirs)
    assert 'took_bucket{kind="sale",le="0.001"} 2.0' in told(ours)


def test_what_never_happened_is_named_all_the_same() -> None:
    registry = CollectorRegistry()
    Tally("asked", "Questions.", ("route",), registry=registry)
    Times("took", "Seconds.", "kind", bounds=BOUNDS, registry=registry)

    assert [line for line in told(registry) if line.startswith("# TYPE")] == [
        "# TYPE asked_total counter",
        "# TYPE took histogram",
    ]
