"""The page of a finding, made of its published figures alone: verdict, effect, balance, what would overturn it, what must change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughway.evidence.report_lines import amount
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

    name: str
    before: str
    after: str
    at_before: float
    at_after: float


@dataclass(frozen=True)
class FindingPage:
    """What the page shows. `meaning`: the sentences that follow the headline; `plan_lottery`: whether the cause is not shown, so that the page
    offers to plan what would show it; `size`: the estimate without its sign, empty where none is shown; `withheld`: why; `groups`: the counts of
    who was compared, each with the words of its group; `must_change`: sentences on what must change."""

    verdict: Verdict
    headline: str
    meaning: Sequence[str]
    plan_lottery: bool
    reason: str
    size: str
    more: bool
    ends: tuple[str, str]
    withheld: str
    tier: int | None
    picture: EffectPicture | None
    subgroups: Sequence[tuple[str, EffectPicture | None, str]]
    balance: Sequence[BalanceDot]
    overturn: Sequence[str]
    groups: Sequence[tuple[Sequence[str], str]]
    must_change: Sequence[str]
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
        f"The effect is {effect['why']}." if effect and not shown else "",
        finding.get("tier"),
        _picture(finding, [effect | {"name": "All students compared"}], smallest) if shown else None,
        [
            (
                each["by"],
                _picture(finding, each["effects"], smallest) if each["effects"] else None,
                each["why"],
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


def _column(covariate: str) -> str:
    name, colon, value = covariate.partition(": ")
    found = COVARIATES[name].name if name in COVARIATES else name
    return f"{found}{colon}{value}"


def _overturn(finding: Mapping[str, Any]) -> list[str]:
    """What would overturn the finding, in sentences."""
    said = []
    if (value := finding.get("robustness_percent")) is not None:
        said.append(
            f"A cause that nobody recorded would have to explain {value}% of what is left unexplained, both in who takes part and in the outcome, to bring the estimate to zero."
        )
    hidden = finding.get("hidden_cause")
    if hidden and hidden["estimate"] is not None and hidden["low"] is not None:
        name = COVARIATES[hidden["as"]].name if hidden["as"] in COVARIATES else hidden["as"]
        low, high = amount(finding, hidden["low"]), amount(finding, hidden["high"])
        said.append(
            f"If one were as strong as “{name}”, the estimate would be {amount(finding, hidden['estimate'])}, with an interval from {low} to {high}."
        )
    if (attrition := finding.get("low_attrition")) is not None:
        said.append(
            "Few were lost after the lottery, alike on both sides (WWC, cautious boundary)."
            if attrition
            else "Many were lost after the lottery, or more on one side than on the other (WWC, cautious boundary)."
        )
    if finding.get("detectable") is not None:
        said.append(
            f"The smallest effect that this study would find four times in five is {amount(finding, finding['detectable'], sign=False)} {finding['unit']}; "
            f"{_smallest(finding)}."
        )
    return said


def _smallest(finding: Mapping[str, Any]) -> str:
    smallest = finding["smallest"]
    if smallest is None:
        return "the council has set none that matters for this outcome"
    return f"the smallest that matters was set at {amount(finding, smallest, 0.001 if smallest < 0.1 else 0.01, sign=False)}"


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


def _must_change(finding: Mapping[str, Any], tables: Sequence[Any]) -> list[str]:
    """By site and subgroup, by how far students come, and by cost; of figures that are shown."""
    said = []
    for each in finding["subgroups"]:
        apart = [one["name"] for one in each["effects"] if one["apart"]]
        if difference := each.get("difference"):
            said.append(f"By {each['by'].lower()}: {_differ(finding, each['effects'], difference)}")
        elif not each["effects"]:
            said.append(f"By {each['by'].lower()}: {each['why']}")
        elif apart and len(apart) < len(each["effects"]):
            said.append(
                f"By {each['by'].lower()}: a difference is told from zero for {', '.join(apart)}. For the others the interval holds zero; that does not say that they differ."
            )
        else:
            said.append(f"By {each['by'].lower()}: the study does not tell the groups apart.")
    said += _stays(tables)
    cost = finding.get("cost_per_student")
    if cost:
        sentence = f"One student served costs ${cost:,.0f} a year, by {finding['cost_source']}."
        effect = finding["effect"]
        if finding["verdict"] == Verdict.HELPS.value and effect and effect["estimate"]:
            each = cost / abs(effect["estimate"] * finding["scale"])
            unit = (
                "percentage point"
                if finding["scale"] == 100
                else "standard deviation"
                if "deviation" in finding["unit"]
                else "percentage point"
            )
            sentence += (
                f" At the estimate that is about ${float(f'{each:.2g}'):,.0f} for each {unit} and student."
            )
        else:
            sentence += " No cost for each unit of effect is given, because the study did not find that the program helps."
        said.append(sentence)
    else:
        said.append(
            "What one student served costs is in no record and not in the study, so no cost is given."
        )
    return said


def _differ(
    finding: Mapping[str, Any], effects: Sequence[Mapping[str, Any]], difference: Mapping[str, Any]
) -> str:
    """Whether two groups differ in the effect, in a sentence with the interval of their difference."""
    one, other = (each["name"] for each in effects)
    size, low, high = (
        amount(finding, difference[name], difference["step"]) for name in ("estimate", "low", "high")
    )
    figures = f"the effect for {one} less that for {other} is {size}, with an interval from {low} to {high}"
    if difference["apart"]:
        return f"the groups differ: {figures}."
    return f"whether the groups differ cannot be told: {figures}."


def _stays(tables: Sequence[Any]) -> list[str]:
    """How long participants stayed, as description."""
    found = {
        dict(place)["how far they came"]: shown
        for place, shown in _cells(tables).items()
        if "how far they came" in dict(place)
    }
    parts = [f"{count_words(shown)} {name}" for name, shown in found.items() if shown is not None]
    if not parts:
        return []
    return [
        f"Of the participants compared, {'; '.join(parts)}. This is a description: those who stay were doing better anyway."
    ]
