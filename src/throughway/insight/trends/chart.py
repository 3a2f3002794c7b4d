"""The chart of one outcome: its share class by class, the interval around it, and the target. Made of published figures alone."""

from collections.abc import Sequence

from throughway.core.prose import school_year
from throughway.insight.trends.figures import TrendPoint, TrendSeries

RIVER, ACCENT, QUIET = "#47705f", "#7a2450", "#b7cdc1"


def class_words(label: str) -> str:
    """`2024` as 2023–24; several together by their first and last."""
    years = [school_year(int(word)) for word in label.split() if word.isdigit()]
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}, together"


def _drawn(series: TrendSeries) -> Sequence[TrendPoint]:
    return [p for p in series.points if isinstance(p.share, int)]


def chart_of(series: TrendSeries) -> dict[str, object] | None:
    """A Vega-Lite specification; None where fewer than two classes show a whole percent. A class whose share is withheld or coded has a
    place on the axis and no mark: it is no zero, and no line joins across it."""
    if len(_drawn(series)) < 2:
        return None
    rows = [
        {"class": class_words(p.label), "share": p.share if isinstance(p.share, int) else None}
        | ({"low": round(p.interval.low), "high": round(p.interval.high)} if p.interval and not p.interval.wide and isinstance(p.share, int) else {})
        for p in series.points
    ]  # fmt: skip
    x = {"field": "class", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}}
    y = {"field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 100]}, "axis": {"tickCount": 4, "labelExpr": "datum.label + '%'"}}  # fmt: skip
    layers: list[dict[str, object]] = [
        {"mark": {"type": "rule", "color": QUIET, "strokeWidth": 6}, "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "color": RIVER, "invalid": "break-paths-show-domains"}, "encoding": {"x": x, "y": y}},
        {"mark": {"type": "point", "color": RIVER, "filled": True, "size": 70}, "encoding": {"x": x, "y": y}},
        {
            "mark": {"type": "text", "dx": 9, "align": "left", "fontSize": 13, "color": RIVER}, "transform": [{"filter": "datum.share !== null"}],
            "encoding": {"x": x, "y": y, "text": {"field": "share"}},
        },
    ]  # fmt: skip
    if series.target:
        layers.append({"mark": {"type": "rule", "color": ACCENT, "strokeDash": [5, 4]}, "encoding": {"y": {"datum": series.target.percent}}})  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": "container", "height": 190,
        "data": {"values": rows}, "layer": layers,
    }  # fmt: skip


def chart_label(series: TrendSeries) -> str:
    """The chart in a sentence, with every number that it draws."""
    shares = "; ".join(
        f"{class_words(p.label)}: {p.share} %"
        + (f" ({p.interval.words})" if p.interval and not p.interval.wide else "")
        if isinstance(p.share, int)
        else f"{class_words(p.label)}: not shown"
        for p in series.points
    )
    target = f" The dashed line is the target, {series.target.percent} %." if series.target else ""
    return f"Share who reached it, class by class, with its interval. {shares}.{target}"
