"""Figures of this process for Prometheus, in a registry of our own. No label holds what a client may invent.

Other rooms declare theirs in this registry (kernel.jobs.figures). Each process serves its own figures; adding
them up is the collector's work.
"""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)


class Level:
    """A number that rises and falls with every request: counted here, told when somebody asks. A Gauge locks
    and checks each time.
    """

    def __init__(self, name: str, text: str) -> None:
        self.now = 0
        Gauge(name, text, registry=REGISTRY).set_function(lambda: self.now)


FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)

http_requests = Counter(
    "sauda_http_requests_total", "Requests answered.", ("route", "method", "status"), registry=REGISTRY
)
http_seconds = Histogram(
    "sauda_http_request_seconds", "Time to answer a request.", ("route",), buckets=FAST, registry=REGISTRY
)
http_running = Level("sauda_http_requests_running", "Requests being answered.")

gql_operations = Counter(
    "sauda_graphql_operations_total",
    "GraphQL operations and events by kind, transport and outcome (ok or the code of the first error).",
    ("kind", "transport", "outcome"),
    registry=REGISTRY,
)
gql_seconds = Histogram(
    "sauda_graphql_operation_seconds",
    "Time of a GraphQL operation.",
    ("kind",),
    buckets=FAST,
    registry=REGISTRY,
)
gql_documents = Gauge(
    "sauda_graphql_documents", "Prepared documents kept in memory.", ("what",), registry=REGISTRY
)
gql_sockets = Gauge("sauda_graphql_sockets", "Open GraphQL WebSocket connections.", registry=REGISTRY)

exchanges = Counter(
    "sauda_exchanges_total",
    "Exchanges with partners by partner and outcome (answered, not_sent, unknown).",
    ("partner", "outcome"),
    registry=REGISTRY,
)
exchange_seconds = Histogram(
    "sauda_exchange_seconds",
    "Time of one exchange with a partner.",
    ("partner",),
    buckets=SLOW,
    registry=REGISTRY,
)


@lru_cache(maxsize=4_096)  # looking a child up costs more than counting
def _operations_ended(kind: str, transport: str, outcome: str) -> Counter:
    return gql_operations.labels(kind, transport, outcome)


@lru_cache(maxsize=16)
def _operation_seconds(kind: str) -> Histogram:
    return gql_seconds.labels(kind)


@lru_cache(maxsize=4_096)
def _requests_ended(route: str, method: str, status: int) -> Counter:
    return http_requests.labels(route, method, str(status))


@lru_cache(maxsize=512)
def _request_seconds(route: str) -> Histogram:
    return http_seconds.labels(route)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """One HTTP request that ended; route is one of ours, never the path a client asked for."""
    _requests_ended(route, method, status).inc()
    _request_seconds(route).observe(seconds)


def count_operation(kind: str, transport: str, outcome: str, seconds: float) -> None:
    """One GraphQL operation that ended; outcome is "ok" or one of our codes."""
    _operations_ended(kind, transport, outcome).inc()
    _operation_seconds(kind).observe(seconds)


def count_event(kind: str, outcome: str, times: int = 1) -> None:
    """Results sent over sockets: of an operation, or one event of a subscription to so many."""
    _operations_ended(kind, "socket", outcome).inc(times)


def page() -> bytes:
    """All figures in Prometheus' text form."""
    return generate_latest(REGISTRY)
