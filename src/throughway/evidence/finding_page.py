"""The page of a finding, made of its published figures alone: verdict, effect, balance, what would overturn it, what must change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.evidence.report_lines import amount
from throughway.evidence.said import Said, Stored, Value, joined
from throughway.evidence.study_measures import COVARIATES
from throughway.evidence.verdict import Verdict, as_of_today
from throughway.evidence.verdict_words import TAGS, cause_not_shown, meaning
from throughway.publication.shown_figures import count_words

WIDTH = 100.0  # of a picture, whose positions are percents


@dataclass(frozen=True)
class IntervalBar:
    """An effect on a line: positions in percent of its width, and the same in words."""

    name: str
    low: float
    high: float
    at: float
    words: str
    ends: tuple[str, str]
    apart: bool

    @property
    def width(self) -> float:
        return round(self.high - self.low, 2)


@dataclass(frozen=True)
class EffectPicture:
    """Bars on one scale. `zero`: where zero is; `band`: from where to where an effect does not matter."""

    bars: Sequence[IntervalBar]
    zero: float
    band: tuple[float, float] | None

    @property
    def band_width(self) -> float:
        return round(self.band[1] - self.band[0], 2) if self.band else 0.0


@dataclass(frozen=True)
class BalanceDot:
    """How far the groups were apart in one column, before and after, in words and as positions in percent."""

    name: Said
    before: str
    after: str
    at_before: float
    at_after: float


@dataclass(frozen=True)
class FindingPage:
    """What the page shows. `meaning`: the sentences that follow the headline; `plan_lottery`: whether the cause is not shown, so that the page
    offers to plan what would show it; `size`: the estimate without its sign, empty where none is shown; `withheld`: why; `groups`: the counts of
    who was compared, each with the words of its group; `must_change`: sentences on what must change. Whatever is a text is as it was stored."""

    verdict: Verdict
    headline: str
    meaning: Sequence[str]
    plan_lottery: bool
    reason: str
    size: str
    more: bool
    ends: tuple[str, str]
    withheld: Said | None
    tier: int | None
    picture: EffectPicture | None
    subgroups: Sequence[tuple[Said, EffectPicture | None]]
    balance: Sequence[BalanceDot]
    overturn: Sequence[Said]
    groups: Sequence[tuple[Sequence[str], str]]
    must_change: Sequence[Said]
    lines: Sequence[tuple[str, str]]
    facts: Mapping[str, Any]

    @property
    def tag(self) -> str:
        return TAGS[self.verdict]


def finding_page(finding: Mapping[str, Any], tables: Sequence[Any]) -> FindingPage:
    """`finding`: as registered; `tables`: the release's protected tables."""
    finding = as_of_today(finding)
    verdict = Verdict(finding["verdict"])
    headline, *follows = meaning(verdict)
    effect = finding["effect"]
    shown = effect is not None and effect["estimate"] is not None
    smallest = finding.get("smallest")
    return FindingPage(
        verdict,
        headline,
        follows,
        cause_not_shown(verdict),
        finding["reason"],
        amount(finding, abs(effect["estimate"]), sign=False) if shown else "",
        shown and effect["estimate"] > 0,
        (amount(finding, effect["low"]), amount(finding, effect["high"])) if shown else ("", ""),
        Said("The effect is %(why)s.", {"why": Stored(effect["why"])}) if effect and not shown else None,
        finding.get("tier"),
        _picture(finding, [effect | {"name": "All students compared"}], smallest) if shown else None,
        [
            (
                Said("By %(by)s", {"by": _within(each["by"])}),
                _picture(finding, each["effects"], smallest) if each["effects"] else None,
            )
            for each in finding["subgroups"]
        ],
        _balance(finding),
        list(_overturn(finding)),
        _groups(tables),
        list(_must_change(finding, tables)),
        [(topic, sentence) for topic, sentence in finding["lines"]],
        finding,
    )


def _picture(
    finding: Mapping[str, Any], effects: Sequence[Mapping[str, Any]], smallest: float | None
) -> EffectPicture:
    known = [each for each in effects if each["estimate"] is not None]
    ends = [
        0.0,
        *(each[end] for each in known for end in ("low", "high")),
        *((-smallest, smallest) if smallest else ()),
    ]
    low, high = min(ends), max(ends)
    room = (high - low or 1.0) * 0.08
    low, high = low - room, high + room

    def at(value: float) -> float:
        return float(round(WIDTH * (value - low) / (high - low), 2))

    bars = [
        IntervalBar(
            each["name"], at(each["low"]), at(each["high"]), at(each["estimate"]),
            amount(finding, each["estimate"], each["step"]),
            (amount(finding, each["low"], each["step"]), amount(finding, each["high"], each["step"])),
            each["low"] > 0 or each["high"] < 0,
        )
        for each in known
    ]  # fmt: skip
    return EffectPicture(bars, at(0), (at(-smallest), at(smallest)) if smallest else None)


def _balance(finding: Mapping[str, Any]) -> list[BalanceDot]:
    found = finding.get("balance", ())
    reach = max([0.5, *(abs(each["before"]) for each in found)]) * 1.05

    def at(value: float) -> float:
        return float(round(WIDTH * (value + reach) / (2 * reach), 2))

    return [
        BalanceDot(
            _column(each["covariate"]), _signed(each["before"]), _signed(each["after"]),
            at(each["before"]), at(each["after"]),
        )
        for each in found
    ]  # fmt: skip


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−") if value else "0"


def _column(covariate: str) -> Said:
    name, colon, value = covariate.partition(": ")
    if not colon:
        return Said("%(what)s", {"what": _covariate(name)})
    return Said("%(what)s: %(value)s", {"what": _covariate(name), "value": Stored(value)})


def _covariate(id: str) -> Stored:
    return Stored(COVARIATES[id].name if id in COVARIATES else id)


def _within(name: str) -> Said:
    """A name as it stands within a sentence."""
    return Said("%(what)s", {"what": Stored(name)}, small=True)


def _overturn(finding: Mapping[str, Any]) -> list[Said]:
    """What would overturn the finding, in sentences."""
    said = []
    if (value := finding.get("robustness_percent")) is not None:
        said.append(
            Said(
                "A cause that nobody recorded would have to explain %(percent)s%% of what is left unexplained, both in who takes part and in the outcome, to bring the estimate to zero.",
                {"percent": value},
            )
        )
    hidden = finding.get("hidden_cause")
    if hidden and hidden["estimate"] is not None and hidden["low"] is not None:
        said.append(
            Said(
                "If one were as strong as “%(what)s”, the estimate would be %(estimate)s, with an interval from %(low)s to %(high)s.",
                {"what": _covariate(hidden["as"])}
                | {each: amount(finding, hidden[each]) for each in ("estimate", "low", "high")},
            )
        )
    if (attrition := finding.get("low_attrition")) is not None:
        said.append(
            Said("Few were lost after the lottery, alike on both sides (WWC, cautious boundary).")
            if attrition
            else Said(
                "Many were lost after the lottery, or more on one side than on the other (WWC, cautious boundary)."
            )
        )
    if finding.get("detectable") is not None:
        said.append(_detectable(finding, finding["smallest"]))
    return said


def _detectable(finding: Mapping[str, Any], smallest: float | None) -> Said:
    values: dict[str, Value] = {
        "detectable": amount(finding, finding["detectable"], sign=False),
        "unit": Stored(finding["unit"]),
    }
    if smallest is None:
        return Said(
            "The smallest effect that this study would find four times in five is %(detectable)s %(unit)s; the council has set none that matters for this outcome.",
            values,
        )
    set_at = amount(finding, smallest, 0.001 if smallest < 0.1 else 0.01, sign=False)
    return Said(
        "The smallest effect that this study would find four times in five is %(detectable)s %(unit)s; the smallest that matters was set at %(smallest)s.",
        values | {"smallest": set_at},
    )


def _cells(tables: Sequence[Any]) -> Mapping[frozenset[tuple[str, str]], Any]:
    return {
        frozenset(cell.at.items()): cell.shown
        for table in tables
        for cell in table.cells
        if cell.statistic == "students"
    }


def _groups(tables: Sequence[Any]) -> list[tuple[list[str], str]]:
    """Each count of who was compared, as it is shown; withheld ones as such."""
    found = []
    for place, shown in _cells(tables).items():
        at = dict(place)
        words = [at[key] for key in ("group", "how far they came", "other programs", "standing") if key in at]
        found.append((words, "withheld" if shown is None else count_words(shown)))
    return found


def _must_change(finding: Mapping[str, Any], tables: Sequence[Any]) -> list[Said]:
    """By site and subgroup, by how far students come, and by cost; of figures that are shown."""
    return [*(_by_kind(finding, each) for each in finding["subgroups"]), *_stays(tables), _cost(finding)]


def _by_kind(finding: Mapping[str, Any], kind: Mapping[str, Any]) -> Said:
    by: dict[str, Value] = {"by": _within(kind["by"])}
    apart = tuple(Stored(one["name"]) for one in kind["effects"] if one["apart"])
    if difference := kind.get("difference"):
        one, other = (Stored(each["name"]) for each in kind["effects"])
        figures = {
            each: amount(finding, difference[each], difference["step"])
            for each in ("estimate", "low", "high")
        }
        return Said(
            "By %(by)s: the groups differ: the effect for %(one)s less that for %(other)s is %(estimate)s, with an interval from %(low)s to %(high)s."
            if difference["apart"]
            else "By %(by)s: whether the groups differ cannot be told: the effect for %(one)s less that for %(other)s is %(estimate)s, with an interval from %(low)s to %(high)s.",
            by | {"one": one, "other": other} | figures,
        )
    if not kind["effects"]:
        return Said("By %(by)s: %(why)s", by | {"why": Stored(kind["why"])})
    if apart and len(apart) < len(kind["effects"]):
        return Said(
            "By %(by)s: a difference is told from zero for %(groups)s. For the others the interval holds zero; that does not say that they differ.",
            by | {"groups": apart},
        )
    return Said("By %(by)s: the study does not tell the groups apart.", by)


def _stays(tables: Sequence[Any]) -> list[Said]:
    """How long participants stayed, as description."""
    found = {
        dict(place)["how far they came"]: shown
        for place, shown in _cells(tables).items()
        if "how far they came" in dict(place)
    }
    parts = [
        Said("%(count)s %(step)s", {"count": count_words(shown), "step": Stored(step)})
        for step, shown in found.items()
        if shown is not None
    ]
    if not parts:
        return []
    return [
        Said(
            "Of the participants compared, %(parts)s. This is a description: those who stay were doing better anyway.",
            {"parts": joined(parts, "; ")},
        )
    ]


def _cost(finding: Mapping[str, Any]) -> Said:
    cost = finding.get("cost_per_student")
    if not cost:
        return Said(
            "What one student served costs is in no record and not in the study, so no cost is given."
        )
    costs = Said(
        "One student served costs $%(cost)s a year, by %(source)s.",
        {"cost": f"{cost:,.0f}", "source": Stored(finding["cost_source"])},
    )
    effect = finding["effect"]
    if not (finding["verdict"] == Verdict.HELPS.value and effect and effect["estimate"]):
        return joined([
            costs,
            Said("No cost for each unit of effect is given, because the study did not find that the program helps."),
        ])  # fmt: skip
    each = cost / abs(effect["estimate"] * finding["scale"])
    per = Said(
        "At the estimate that is about $%(each)s for each standard deviation and student."
        if finding["scale"] != 100 and "deviation" in finding["unit"]
        else "At the estimate that is about $%(each)s for each percentage point and student.",
        {"each": f"{float(f'{each:.2g}'):,.0f}"},
    )
    return joined([costs, per])


def data_go_to(days: Mapping[str, str]) -> Said | None:
    """To which day the data of each partner go, the latest first; None of none. `days`: as `core.prose.data_through` takes them."""
    names: dict[str, list[str]] = {}
    for name, on in sorted(days.items()):
        names.setdefault(on, []).append(name)
    parts = tuple(
        Said("%(day)s (%(partners)s)", {"day": date.fromisoformat(on), "partners": tuple(names[on])})
        for on in sorted(names, reverse=True)
    )
    return Said("The data go to %(days)s.", {"days": parts}) if parts else None
