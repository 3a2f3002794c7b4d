"""What a community decides for its trends, in `trends.yaml` of its folder: targets with their baseline, outcomes whose classes are counted
together, and whom a survey asked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from throughway.core.prose import listed
from throughway.core.refusals import did_you_mean
from throughway.measures.measure import Measure
from throughway.measures.milestones import MILESTONES
from throughway.measures.returning import ADULTS, STAYING
from throughway.measures.rules_file import own_text, wrong_in, yaml_of
from throughway.store import Community
from throughway.vocabulary import CODE_SETS

FILE, VERSION = "trends.yaml", "trends/1"
_wrong = partial(wrong_in, FILE)
TREND_OUTCOMES: tuple[Measure, ...] = (*(m for m in MILESTONES if not m.sign), *ADULTS)
BY_ID: Mapping[str, Measure] = {measure.id: measure for measure in TREND_OUTCOMES}
MOST_TOGETHER = 5  # classes
LONGEST = 200  # characters of a source
YEARS = range(1950, 2101)


@dataclass(frozen=True)
class Target:
    """`baseline` and `by`: classes, by the ending year of their school year. `percent`: of those seen."""

    outcome: str
    baseline: int
    percent: int
    by: int
    source: str

    def to_json(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "baseline": self.baseline, "target": self.percent, "by": self.by, "source": self.source}  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Target":
        return cls(kept["outcome"], kept["baseline"], kept["target"], kept["by"], kept["source"])


@dataclass(frozen=True)
class AskedGroup:
    """Whom a survey asked: students of a partner's schools in some grades, or those who took part in a program in that school year.

    `words`: what the identifier of the survey contains; `favorable`: the lowest number of an answer that is favorable;
    `nothing_protected`: the community says that no question touches a topic that 20 USC 1232h protects. `consent`: the agreement to which
    families consent before students answer on such a topic.
    """

    words: tuple[str, ...]
    favorable: int
    partner: str = ""
    grades: tuple[str, ...] = ()
    program: str = ""
    nothing_protected: bool = False
    consent: str = ""

    @property
    def name(self) -> str:
        return ", ".join(self.words)


@dataclass(frozen=True)
class TrendChoices:
    """`together`: by outcome, how many classes in a row are counted as one."""

    targets: tuple[Target, ...] = ()
    together: Mapping[str, int] | None = None
    surveys: tuple[AskedGroup, ...] = ()

    def classes_together(self, outcome: str) -> int:
        return (self.together or {}).get(outcome, 1)

    def asked(self, survey: str) -> AskedGroup | None:
        """Whom the survey asked, by the line with the most words that it contains, as whole words; None where no line says it."""

        def names(word: str) -> bool:
            return re.search(rf"\b{re.escape(word)}\b", survey, re.IGNORECASE) is not None

        found = [each for each in self.surveys if all(map(names, each.words))]
        return max(found, key=lambda each: (len(each.words), len(each.name)), default=None)


def choices_of(community: Community) -> TrendChoices:
    """The community's choices; none without the file. Refused (settings) with one sentence that says what is wrong."""
    own = own_text(community.trends)
    return TrendChoices() if own is None else parsed(own)


def parsed(text: str) -> TrendChoices:
    values = yaml_of(text, FILE)
    if not isinstance(values, dict) or values.get("throughway") != VERSION:
        raise _wrong(f"must begin with `throughway: {VERSION}`, then targets, together and surveys")
    _only(values, ("throughway", "targets", "together", "surveys"), "the file")
    targets = tuple(_target(each, f"target {n}") for n, each in enumerate(_list(values, "targets"), 1))
    if len({(t.outcome, t.by) for t in targets}) != len(targets):
        raise _wrong("has two targets for one outcome and class; keep one")
    surveys = tuple(_survey(each, f"survey {n}") for n, each in enumerate(_list(values, "surveys"), 1))
    return TrendChoices(targets, _together(values.get("together") or {}), surveys)


def check_baselines(targets: Iterable[Target], classes: Mapping[str, Sequence[int]]) -> None:
    """Refused where a target compares with a class that was not counted. `classes`: by outcome, those that were."""
    for target in targets:
        known = classes.get(target.outcome, ())
        if known and target.baseline not in known:
            raise _wrong(
                f"compares {target.outcome} with the class of {target.baseline}, and the report counts {listed(map(str, known))}; name a class "
                "that it counts"
            )


def _target(given: Any, where: str) -> Target:
    if not isinstance(given, dict):
        raise _wrong(f"needs outcome, baseline, target, by and source in {where}")
    _only(given, ("outcome", "baseline", "target", "by", "source"), where)
    outcome = _outcome(given.get("outcome"), where)
    baseline, by = _year(given.get("baseline"), f"baseline of {where}"), _year(given.get("by"), f"by of {where}")  # fmt: skip
    percent = given.get("target")
    if type(percent) is not int or not 1 <= percent <= 99:
        raise _wrong(f"needs a whole percent from 1 to 99 as target of {where}")
    if by <= baseline:
        raise _wrong(f"has a target that is due before its baseline, in {where}")
    return Target(outcome, baseline, percent, by, _text(given.get("source"), f"source of {where}, such as a plan and its page"))  # fmt: skip


def _together(given: Any) -> dict[str, int]:
    if not isinstance(given, dict):
        raise _wrong("needs outcomes with a number of classes under together, such as `completion: 3`")
    found = {}
    for name, many in given.items():
        outcome = _outcome(name, "together")
        if type(many) is not int or not 2 <= many <= MOST_TOGETHER:
            raise _wrong(
                f"needs a whole number from 2 to {MOST_TOGETHER} of classes for {outcome} in together"
            )
        if outcome == STAYING.id or outcome == "return":
            raise _wrong(f"counts classes of {outcome} together, where one adult can be in several; take it out of together")  # fmt: skip
        found[outcome] = many
    return found


def _survey(given: Any, where: str) -> AskedGroup:
    if not isinstance(given, dict):
        raise _wrong(f"needs survey, favorable, and partner with grades or program, in {where}")
    _only(
        given, ("survey", "favorable", "protected_topics", "consent", "partner", "grades", "program"), where
    )
    if given.get("protected_topics", "none") != "none":
        raise _wrong(
            f"says something else than none of protected_topics in {where}; leave it out where a question touches a protected topic"
        )
    declared = "protected_topics" in given
    consent = _text(given["consent"], f"consent of {where}: the agreement to which families consent") if "consent" in given else ""  # fmt: skip
    if consent and declared:
        raise _wrong(
            f"says in {where} that no question touches a protected topic, and names a consent to such questions; keep one"
        )
    listed = given["survey"] if isinstance(given.get("survey"), list) else [given.get("survey")]
    words = tuple(_text(each, f"survey of {where}: words in the survey's name") for each in listed)
    favorable = given.get("favorable")
    if type(favorable) is not int:
        raise _wrong(f"needs a whole number as favorable of {where}: the lowest answer that is favorable")
    if not words:
        raise _wrong(f"needs words in the survey's name as survey of {where}")
    if ("partner" in given) == ("program" in given):
        raise _wrong(
            f"says in {where} neither or both of partner and program; say which of the two was asked"
        )
    if "program" in given:
        program = _text(given["program"], f"program of {where}")
        if not re.fullmatch(r"[^/\s]+/\S+", program):
            raise _wrong(f"needs the program of {where} as partner/program, such as oak-club/homework")
        return AskedGroup(words, favorable, program=program, nothing_protected=declared, consent=consent)
    grades = given.get("grades")
    known = CODE_SETS["C002175"]
    if not isinstance(grades, list) or not grades:
        raise _wrong(f'needs a list of grades in {where}, such as ["04", "05"]')
    texts = tuple(f"{g:02d}" if type(g) is int else str(g) for g in grades)
    for grade in texts:
        if grade not in known:
            raise _wrong(
                f"has a grade in {where} that is no code; {did_you_mean(grade, known, 'write 04 for grade 4')}"
            )
    partner = _text(given["partner"], f"partner of {where}")
    return AskedGroup(words, favorable, partner, texts, nothing_protected=declared, consent=consent)


def _outcome(given: Any, where: str) -> str:
    if given not in BY_ID:
        cure = did_you_mean(given, BY_ID, f"choose from {', '.join(BY_ID)}")
        raise _wrong(f"names an outcome in {where} that is not counted; {cure}")
    return str(given)


def _year(given: Any, where: str) -> int:
    if type(given) is not int or given not in YEARS:
        raise _wrong(f"needs a year of four digits as {where}, such as 2024 for 2023-24")
    return given


def _text(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > LONGEST:
        raise _wrong(f"needs a text of at most {LONGEST} characters as {where}")
    return " ".join(given.split())


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    found = values.get(name) or []
    if not isinstance(found, list):
        raise _wrong(f"needs a list under {name}")
    return found


def _only(given: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for name in given:
        if name not in known:
            cure = did_you_mean(name, known, f"choose from {', '.join(known)}")
            raise _wrong(f"has a field in {where} that is not known; {cure}")
