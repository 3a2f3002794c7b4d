"""What stands beside a finding in words: how it was made, what it cannot know, and what must change.

Every sentence is made of the study's text, of the agreements, and of figures that are published already.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.agreements.grant import Grant
from throughway.agreements.labels import BASIS_WORDS
from throughway.core.prose import day, listed, school_year
from throughway.evidence.registered_study import ComparedWith, Season, StudyDocument
from throughway.evidence.study import Design, Estimand
from throughway.evidence.study_measures import PARTICIPATION
from throughway.evidence.verdict import Verdict
from throughway.evidence.verdict_words import meaning

DESIGNS = {
    Design.MATCHED: "a comparison with students who look alike in what was recorded",
    Design.LOTTERY: "a lottery",
    Design.CUTOFF: "an eligibility cut-off",
    Design.DIFFERENCES: "a comparison of changes over time",
}


@dataclass(frozen=True)
class StudyContext:
    """What a finding's page needs besides its figures. `days`: school year, the program's first day and time zero; `linked_share`: how
    many of ten records of the program are linked; `comparison_ratio`: participants for each comparison student; `cost`: dollars for one
    place, of the program's own record."""

    document: StudyDocument
    days: Sequence[tuple[int, date, date]]
    grants: Collection[Grant]
    names: Mapping[str, str]
    linked_share: int | None
    comparison_ratio: float | None
    cost: float | None
    binary: bool

    @property
    def program_partner(self) -> str:
        return self.names.get(self.document.partner, self.document.partner)

    def facts(self) -> dict[str, Any]:
        """What the page says of the study itself."""
        document = self.document
        cost = document.cost_per_student or self.cost
        return {
            "program": document.program,
            "program_partner": self.program_partner,
            "outcome": document.measured.name,
            "unit": "percentage points" if self.binary else document.measured.unit,
            "scale": 100 if self.binary else 1,
            "better": document.measured.better.value,
            "design": document.design.value,
            "design_words": DESIGNS[document.design],
            "school_years": [school_year(year) for year in sorted(document.school_years)],
            "cost_per_student": cost,
            "cost_source": "the study’s own text"
            if document.cost_per_student
            else "the program’s own record"
            if cost
            else "",
        }


def lines(context: StudyContext, finding: Mapping[str, Any]) -> list[list[str]]:
    """Topic and sentence of each line, in the order in which a reader asks."""
    return [
        ["Time zero", _time_zero(context)],
        ["Who counts as a participant", _intention(context)],
        ["Selection by consent", _consent(context)],
        ["Linkage", _linkage(context)],
        ["Other help", "The table says how many students of each group took part in another program, as far as the agreements show it, where enough of each group did and did not. What other help there was is not known."],
        ["What was looked at", "One outcome, named before the study was run. With other findings on this program in the outcome’s domain, a word that tells a difference allows for their number (Benjamini and Hochberg). Intervals of subgroups are wider, because they allow for how many groups are looked at; a group alone has no word of its own."],
        *([["Who is in college", _college(context)]] if context.document.outcome == "college" else []),
        *_placebos(finding),
        ["What it cannot know", _unknown(context)],
        *([["Left out", "Students without an outcome or a baseline, and students who had been in the program in an earlier school year."]] if context.document.design is not Design.LOTTERY else []),
    ]  # fmt: skip


def _time_zero(context: StudyContext) -> str:
    if context.document.design is Design.DIFFERENCES:
        return "Each school year is one time, of those who were enrolled on its 1 October; a participant counts as one from the first school year in the program on, so the effect is that of having begun, smaller than that of a year in the program where many leave again."
    each = "; ".join(
        f"in {school_year(year)} the program began on {day(first)}, and time zero is {day(zero)}"
        for year, first, zero in context.days
    )
    if context.document.design is Design.LOTTERY:
        return f"Both groups drew before the program began. Outcomes are counted after time zero: {each}."
    enrolled = "in May before the summer" if context.document.season is Season.SUMMER else "on that day"
    return (
        f"One day for both groups: {each}. Who was enrolled {enrolled} is compared. What was so before is read before the program’s first day, and "
        "outcomes are counted after time zero."
    )


def _intention(context: StudyContext) -> str:
    if context.document.design is Design.LOTTERY:
        offered = "Everybody who was offered a place, whether or not they took it (intention to treat)"
        if context.document.estimand is Estimand.LATE:
            return f"{offered}; the effect is then scaled to those who took it."
        return f"{offered}; of those who were not offered one, everybody whom the program’s records name."
    others = (
        "The comparison students asked for a place in the same school year and had none."
        if context.document.compared_with is ComparedWith.APPLICANTS
        else "Who began later stands with the comparison students."
    )
    return (
        "Everybody who had begun by time zero, however long they stayed (intention to treat). Those who stay to the end were doing better "
        f"anyway. {others}"
    )


def _consent(context: StudyContext) -> str:
    own = [
        g for g in context.grants if g.table == PARTICIPATION[0] and g.discloser == context.document.partner
    ]
    of_students = {
        "school_enrollment",
        *(source[0] for needs in context.document.measured.needs for source in needs),
    }
    others = [g for g in context.grants if g.table in of_students and g.discloser != context.document.partner]
    bases = listed(
        sorted({words for basis, words in BASIS_WORDS.items() if any(g.basis == basis for g in others)})
    )
    compared = f"Comparison students are seen under {bases}." if bases else ""
    asked = [
        name
        for name, grants in (("participants", own), ("comparison students", others))
        if any(g.choices for g in grants)
    ]
    if not asked:
        return f"{compared} No family’s consent decides who is in it, so none is missing for want of one.".strip()
    return (
        f"{compared} Of {listed(asked)} only those are seen whose families agreed; families who agree differ from others, and by how much is "
        "not known."
    ).strip()


def _linkage(context: StudyContext) -> str:
    share = context.linked_share
    if share is None:
        return "How many of the program’s records are recognized among the students is not known, or would tell of few. A participant who is not recognized stands with the comparison students and makes an effect look smaller."
    missed = 10 - share
    if context.comparison_ratio is None:
        bound = ""
    else:
        mixed = min(0.99, missed / max(share, 1) * context.comparison_ratio)
        bound = f" If all of them stood with the comparison students, the true effect would be up to {max(1, round(100 * mixed / (1 - mixed)))}% larger."
    at_least = f"{share} of ten or more" if share < 10 else "All"
    return f"{at_least} of the program’s records are recognized as a student of another partner. Those who are not may stand with the comparison students and make an effect look smaller.{bound}"


def _college(context: StudyContext) -> str:
    graduates = (
        "Who did not graduate counts as not enrolled."
        if context.document.season is Season.SCHOOL_YEAR
        else "Graduates alone are compared, because the program came after the diploma."
    )
    return (
        "Whom a clearinghouse’s search that covers the sixteen months does not find counts as not enrolled here. A few were, at colleges that do "
        f"not report or under another spelling; where they are as many in both groups, an effect looks a little smaller. {graduates}"
    )


def _unknown(context: StudyContext) -> str:
    return {
        Design.MATCHED: (
            "It is no lottery. Students who looked alike in the records may have differed in what no record holds, such as motivation or a "
            "parent’s time. Where hidden motivation is strong, such a comparison finds a difference that the program did not make, and no figure here "
            "tells the two apart. A lottery among those who wait for a place would."
        ),
        Design.LOTTERY: "Chance decided, so what no record holds is alike in both groups, apart from students who were lost. It says nothing of students who never asked for a place.",
        Design.CUTOFF: "It holds for students near the cut-off, not for those far from it.",
        Design.DIFFERENCES: "It takes for granted that both groups would have changed alike without the program. If something else changed for one of them at the same time, that is in the figure too. A lottery among those who wait for a place would tell.",
    }[context.document.design]


def _placebos(finding: Mapping[str, Any]) -> Iterator[list[str]]:
    for each in finding.get("placebos", ()):
        yield ["A check that should find nothing", placebo_words(each)]


def placebo_words(placebo: Mapping[str, Any]) -> str:
    """What a placebo says, in a sentence or two."""
    what = f"{placebo['name']}, which the program cannot have moved"
    told = (
        "It moved, so the groups differ in something that the study does not know, and it carries no verdict."
        if placebo["moved"]
        else "It did not move, as far as the interval tells."
    )
    if placebo["estimate"] is None:
        return f"{what}: {placebo['why'].removesuffix('.')}." + (
            f" {told}" if placebo["step"] or placebo["moved"] else ""
        )
    shares = placebo["unit"] == "share of students"
    scale = {"scale": 100 if shares else 1, "effect": placebo}
    estimate, low, high = (amount(scale, placebo[name]) for name in ("estimate", "low", "high"))
    unit = "percentage points" if shares else placebo["unit"]
    return f"{what}: {estimate} {unit}, with an interval from {low} to {high}. {told}"


def sentences(finding: Mapping[str, Any]) -> Iterator[str]:
    """The finding in sentences, for files and for the release's page."""
    yield f"Verdict: {finding['verdict']}. {' '.join(meaning(Verdict(finding['verdict'])))} {finding['reason']}"
    if said := effect_words(finding):
        yield said
    if claim := claim_words(finding):
        yield claim
    yield from (f"{topic}. {sentence}" for topic, sentence in finding["lines"])


def amount(finding: Mapping[str, Any], value: float, step: float | None = None, *, sign: bool = True) -> str:
    """A figure in the outcome's unit: +0.25, or +4.5 for percentage points of a yes or no."""
    scale = finding["scale"]
    size = (step or finding["effect"]["step"] or 0.01) * scale
    places = 0
    while places < 4 and abs(round(size, places) - size) > 1e-9:
        places += 1
    shown = f"{value * scale:{'+' if sign else ''},.{places}f}".replace("-", "−")
    return shown.lstrip("+−") if value == 0 else shown


def effect_words(finding: Mapping[str, Any]) -> str:
    """The estimate and its interval in a sentence; empty where none is shown."""
    effect = finding["effect"]
    if effect is None or effect["estimate"] is None:
        return ""
    unit = finding["unit"]
    low, high = (amount(finding, effect[name]) for name in ("low", "high"))
    more = "more" if effect["estimate"] > 0 else "less"
    than = "they would have had" if finding["causal"] else "similar students"
    return (
        f"Participants had {amount(finding, abs(effect['estimate']), sign=False)} {unit} {more} than {than}, as far as the study "
        f"can tell; the data agree with anything from {low} to {high} (95% interval)."
    )


def claim_words(finding: Mapping[str, Any]) -> str:
    """What the finding could support under 20 USC 7801(21)."""
    if finding.get("tier"):
        return f"It could support an ESSA claim of tier {finding['tier']}; not reviewed by WWC."
    return "It supports no ESSA claim of tier 1 or 2; not reviewed by WWC."
