"""The dashboard: what was sold, when, of what, by whom; compared with as many days before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from addons.trade.pages.periods import NAMED, DayRange, asked_period
from addons.trade.pages.places import CHOICES_SHOWN, PAGES
from kernel.money import Money
from kernel.web.charts import Bar, bar_chart, share_bar
from kernel.web.formats import ALMATY, format_count, format_day, format_money
from kernel.web.pages import HOME_PLACE
from kernel.web.view import View

TENGE = 100  # tiyn
HOUR_STEP_DAYS = 2  # as many days are shown by the hour
BEST = 8


@PAGES.slot(HOME_PLACE, order=10, permission="trade.reports")
async def dashboard(view: View) -> str:
    """Tiles, charts and shares of a period."""
    period = asked_period(view)
    outlet = view.asked("outlet")
    step = "HOUR" if period.days <= HOUR_STEP_DAYS else "DAY"
    data = await view.query(
        "dashboard",
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        before=period.before.since.isoformat(),
        step=step,
        outletId=outlet or None,
        best=BEST,
    )
    now, before = _totals(data["now"]), _totals(data["earlier"])
    outlets = {each["id"]: each["title"] for each in await view.every("outlets", limit=CHOICES_SHOWN)}
    by_outlet: list[tuple[str, int]] = []
    if len(outlets) > 1 and not outlet:
        found = await view.query(
            "dashboard_outlets", since=period.since.isoformat(), until=period.until.isoformat()
        )
        by_outlet = _groups(found["outlets"])
    return view.part(
        "trade/dashboard.html",
        period=period,
        named=list(NAMED),
        outlets=outlets,
        outlet=outlet,
        tiles=_tiles(view, now, before),
        is_empty=not now["receipts"] and not before["receipts"],
        chart=_chart(view, period, step, data["slots"], data["slotsEarlier"]),
        hours=_hours(view, data["hours"]) if step == "DAY" else None,
        payments=_shares(
            view, [(view.text(f"trade.pay_{kind}"), total) for kind, total in now["payments"].items()]
        ),
        registers=_shares(view, _groups(data["registers"])),
        cashiers=_shares(view, _groups(data["cashiers"])),
        by_outlet=_shares(view, by_outlet),
        best=[
            (each, share_bar(_tiyn(each["total"]), _tiyn(data["best"][0]["total"]))) for each in data["best"]
        ],
        money=lambda tiyn: _whole(view, tiyn),
    )


def _totals(turnover: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {each["kind"]: each for each in turnover["operations"]}
    sold, back = kinds.get("SELL"), kinds.get("SELL_RETURN")
    payments: dict[str, int] = {}
    for row, sign in ((sold, 1), (back, -1)):
        for paid in row["payments"] if row else []:
            payments[paid["kind"]] = payments.get(paid["kind"], 0) + sign * _tiyn(paid["sum"])
    return {
        "sold": _tiyn(sold["total"]) if sold else 0,
        "returned": _tiyn(back["total"]) if back else 0,
        "receipts": sold["count"] if sold else 0,
        "returns": back["count"] if back else 0,
        "payments": payments,
    }


def _tiles(view: View, now: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    def average(of: Mapping[str, Any]) -> int:
        return int(of["sold"] // of["receipts"]) if of["receipts"] else 0

    net, net_before = now["sold"] - now["returned"], before["sold"] - before["returned"]
    receipts = format_count(now["receipts"], view.language)
    mean, mean_before = average(now), average(before)
    returns = _whole(view, now["returned"])
    return [
        _tile("trade.revenue", _whole(view, net), net, net_before),
        _tile("trade.receipts", receipts, now["receipts"], before["receipts"]),
        _tile("trade.average", _whole(view, mean), mean, mean_before),
        _tile("trade.returns", returns, now["returned"], before["returned"], is_bad=True),
    ]


def _tile(title: str, value: str, now: int, before: int, *, is_bad: bool = False) -> dict[str, Any]:
    percent = (now - before) * 100 // before if before else None
    look = "" if not percent else ("up" if (percent > 0) != is_bad else "down")
    return {"title": title, "value": value, "percent": percent, "look": look}


def _chart(
    view: View,
    period: DayRange,
    step: str,
    slots: Iterable[Mapping[str, Any]],
    earlier: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Bars of net sales for every slot of the period, and the rows of their table."""
    length = timedelta(hours=1) if step == "HOUR" else timedelta(days=1)
    sums, before = _by_place(slots, period.since, length), _by_place(earlier, period.before.since, length)
    count = period.days * (24 if step == "HOUR" else 1)
    bars, rows = [], []
    for place in range(count):
        at = period.since + length * place
        label = f"{at:%H}" if step == "HOUR" else format_day(at.date(), view.language)[:5]
        if step == "DAY" and view.language == "en":
            label = f"{at:%m-%d}"
        net, receipts = sums.get(place, (0, 0))
        was, _ = before.get(place, (0, 0))
        name = f"{at:%H:%M}" if step == "HOUR" else format_day(at.date(), view.language)
        bars.append(Bar(label, net, f"{name}: {_whole(view, net)}", was))
        rows.append((name, net, was, receipts))
    title = view.text("trade.by_hour" if step == "HOUR" else "trade.by_day")
    return {
        "title": title,
        "svg": bar_chart(bars, title=title, mark=lambda value: _short(view, value)),
        "rows": rows,
    }


def _hours(view: View, slots: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All days together by the hour of the day, from the first hour with sales to the last."""
    sums = [0] * 24
    for each in slots:
        at = datetime.fromisoformat(each["at"]).astimezone(ZoneInfo(ALMATY))
        sums[at.hour] += _tiyn(each["sold"]) - _tiyn(each["returned"])
    busy = [hour for hour, value in enumerate(sums) if value]
    first, last = (min(busy[0], 8), max(busy[-1], 20)) if busy else (8, 20)
    bars = [
        Bar(f"{hour:02d}", sums[hour], f"{hour:02d}:00: {_whole(view, sums[hour])}")
        for hour in range(first, last + 1)
    ]
    title = view.text("trade.hours_of_day")
    return {
        "title": title,
        "svg": bar_chart(bars, title=title, mark=lambda value: _short(view, value)),
        "rows": [(f"{hour:02d}:00", sums[hour]) for hour in range(first, last + 1)],
    }


def _by_place(
    slots: Iterable[Mapping[str, Any]], since: datetime, length: timedelta
) -> dict[int, tuple[int, int]]:
    found = {}
    for each in slots:
        place = (datetime.fromisoformat(each["at"]) - since) // length
        found[place] = (_tiyn(each["sold"]) - _tiyn(each["returned"]), each["receipts"])
    return found


def _groups(turnover: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(each["title"], _tiyn(each["revenue"])) for each in turnover["groups"]["nodes"]]


def _shares(view: View, rows: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    ordered = sorted((row for row in rows if row[1]), key=lambda row: -row[1])
    whole = sum(value for _, value in ordered if value > 0)
    return [
        {
            "title": title,
            "value": _whole(view, value),
            "percent": value * 100 // whole if whole and value > 0 else 0,
            "bar": share_bar(value, whole),
        }
        for title, value in ordered
    ]


def _tiyn(text: str) -> int:
    return Money.parse(text).tiyn


def _whole(view: View, tiyn: int) -> str:
    """Without the tiyn: nobody reads them in a sum of a day."""
    text = format_money(Money(tiyn // TENGE * TENGE), view.language)
    return text.replace(".00" if view.language == "en" else ",00", "")


def _short(view: View, tiyn: int) -> str:
    """ "1,5 млн", "250 тыс": for the axis."""
    tenge = tiyn // TENGE
    for size, name in ((1_000_000, "trade.millions"), (1_000, "trade.thousands")):
        if tenge >= size:
            whole, tenth = divmod(tenge * 10 // size, 10)
            point = "." if view.language == "en" else ","
            return view.text(name, number=f"{whole}{point}{tenth}" if tenth else str(whole))
    return str(tenge)
