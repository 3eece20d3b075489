"""Figures of this process for Prometheus, in a registry of our own. No label holds what a client may invent.

Other rooms declare theirs in this registry (kernel.jobs.figures). Each process serves its own figures; adding
them up is the collector's work.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from kernel.tallies import Tally, Times

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

http_requests = Tally(
    "sauda_http_requests", "Requests answered.", ("route", "method", "status"), registry=REGISTRY
)
http_seconds = Times(
    "sauda_http_request_seconds", "Time to answer a request.", "route", bounds=FAST, registry=REGISTRY
)
http_running = Level("sauda_http_requests_running", "Requests being answered.")

gql_operations = Tally(
    "sauda_graphql_operations",
    "GraphQL operations and events by kind, transport and outcome (ok or the code of the first error).",
    ("kind", "transport", "outcome"),
    registry=REGISTRY,
)
gql_seconds = Times(
    "sauda_graphql_operation_seconds",
    "Time of a GraphQL operation.",
    "kind",
    bounds=FAST,
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


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """One HTTP request that ended; route is one of ours, never the path a client asked for."""
    http_requests.add(route, method, status)
    http_seconds.observe(route, seconds)


def count_operation(kind: str, transport: str, outcome: str, seconds: float) -> None:
    """One GraphQL operation that ended; outcome is "ok" or one of our codes."""
    gql_operations.add(kind, transport, outcome)
    gql_seconds.observe(kind, seconds)


def count_event(kind: str, outcome: str, times: int = 1) -> None:
    """Results sent over sockets: of an operation, or one event of a subscription to so many."""
    gql_operations.add(kind, "socket", outcome, times=times)


def page() -> bytes:
    """All figures in Prometheus' text form."""
    return generate_latest(REGISTRY)
