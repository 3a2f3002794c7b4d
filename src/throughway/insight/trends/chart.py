"""The chart of one outcome: its share class by class, the interval around it, and the target. Made of published figures alone."""

from throughway.insight.named_years import years_in_words
from throughway.insight.trends.figures import TrendPoint, TrendSeries

RIVER, ACCENT, QUIET = "#47705f", "#7a2450", "#b7cdc1"


def class_words(series: TrendSeries, label: str) -> str:
    """`2024` as 2023-24, and of those who entered a college in 2024 as 2024-25; several together by their first and last."""
    return years_in_words(label, series.named_year)


def _row(series: TrendSeries, point: TrendPoint) -> dict[str, object]:
    """A class with its share and its interval, as far as they are shown; an interval that says nothing is not drawn."""
    row: dict[str, object] = {
        "class": class_words(series, point.label),
        "share": point.share if isinstance(point.share, int) else None,
    }
    if point.interval and not point.interval.wide:
        row |= {"low": round(point.interval.low), "high": round(point.interval.high)}
        row |= {} if isinstance(point.share, int) else {"between": point.interval.words}
    return row


def chart_of(series: TrendSeries) -> dict[str, object] | None:
    """A Vega-Lite specification; None where no class shows a whole percent or an interval. A class whose share is withheld or coded has a
    place on the axis and its interval in words, or no mark: it is no zero, and no line joins across it."""
    rows = [_row(series, p) for p in series.points]
    if all(row["share"] is None and "low" not in row for row in rows):
        return None
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
        {
            "mark": {"type": "text", "dx": -9, "align": "right", "fontSize": 13, "color": RIVER}, "transform": [{"filter": "isValid(datum.between)"}],
            "encoding": {"x": x, "y": {**y, "field": "high"}, "text": {"field": "between"}},
        },
    ]  # fmt: skip
    if series.target:
        layers.append({"mark": {"type": "rule", "color": ACCENT, "strokeDash": [5, 4]}, "encoding": {"y": {"datum": series.target.percent}}})  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": "container", "height": 190,
        "data": {"values": rows}, "layer": layers,
    }  # fmt: skip


def share_words(point: TrendPoint) -> str:
    """`70% (61–78%)`, or the interval alone; empty where neither is shown."""
    between = point.interval.words if point.interval and not point.interval.wide else ""
    if isinstance(point.share, int):
        return f"{point.share}%" + (f" ({between})" if between else "")
    return between


def chart_label(series: TrendSeries) -> str:
    """The chart in a sentence, with every number that it draws."""
    shares = "; ".join(
        f"{class_words(series, p.label)}: {share_words(p) or 'not shown'}" for p in series.points
    )
    target = f" The dashed line is the target, {series.target.percent}%." if series.target else ""
    return f"Share who reached it, class by class, with its interval. {shares}.{target}"
