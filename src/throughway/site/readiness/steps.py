"""The steps from an empty folder to the first published figure: which are done, what is missing, and what cures it.

Plain values in, plain values out. A step that an earlier one decides (whose reader, whose files) is `later` until that one is done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.urls import reverse

from throughway.core.prose import counted, listed
from throughway.partners.actor import OFFICERS, Role


class StepState(StrEnum):
    DONE = "done"
    MISSING = "missing"
    LATER = "later"
    WAITS = "waits"  # nothing is left to do but wait, or let others agree


@dataclass(frozen=True)
class QuestionFacts:
    """One purpose of form aggregate of one agreement. `waits`: why the agreement is not in effect, in a sentence; `act`: the act that
    moves it on. `blocking`: findings that keep it from being signed. `givers`: the partners whose records it counts, by name;
    `unlinked`: those that no linkage purpose serves; `empty`: those of whom nothing that it counts has come in. `recipients`: the
    partners whose people may ask, in these `roles`. `readers`: who they are. `courses`: the courses that every one of them lacks.
    `refused`: another reason that keeps every one of them out. `consents`: how many families agreed, None where none is asked.
    `may_ask`: whether the one who looks is one of the readers; `may_activate`: whether that person may put it into effect today;
    `own_course`: the first course that this person lacks, where it is taken on this site."""

    agreement: str
    title: str
    purpose: str
    waits: str = ""
    act: str = ""
    blocking: int = 0
    givers: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    refused: str = ""
    consents: int | None = None
    may_ask: bool = True
    may_activate: bool = False
    own_course: str = ""


@dataclass(frozen=True)
class ReadinessFacts:
    """`partners`: how many. `stewards`: data stewards; one decides alone. `signless`: parties that have nobody who may sign, by name.
    `written`: agreements under which records may come in; `other`: one of them without a purpose for figures. `question`: the purpose
    that has come furthest. `mapped`: saved crosswalks. `linked`: whether records were compared since the last load; None where linkage
    is not asked. `asked`: whether an answer was given. `release`: the newest release in a sentence; `waiting`: its id while it is not
    public. `undecided`: what pairs in doubt that nobody has decided mean for a figure, in a sentence; `decides`: whether the one who looks
    may decide them."""

    partners: int = 0
    stewards: int = 0
    signless: tuple[str, ...] = ()
    written: int = 0
    other: str = ""
    question: QuestionFacts | None = None
    mapped: int = 0
    linked: bool = False
    asked: bool = False
    release: str = ""
    waiting: str = ""
    undecided: str = ""
    decides: bool = False


# Pages that a leader cannot open: a data steward or privacy officer takes these steps.
FOR_OFFICERS = frozenset({"partners:first", "partners:new_person", "identity:persons", "families:consents"})


@dataclass(frozen=True)
class ReadinessStep:
    """`about`: what it is for. `why`: what is missing. `do`: what cures it, as an imperative; by `command`, or on the page `href_name`,
    whose link is `button`."""

    id: str
    title: str
    about: str
    state: StepState
    why: str = ""
    do: str = ""
    command: str = ""
    button: str = ""
    href_name: str = ""
    href_args: tuple[str, ...] = field(default=())

    @property
    def page(self) -> str:
        """The address of the page that cures it."""
        return reverse(self.href_name, args=self.href_args) if self.href_name else ""

    def page_for(self, role: Role) -> str:
        """The same for a reader of that role; empty where the page is not open to the role."""
        return "" if self.href_name in FOR_OFFICERS and role not in OFFICERS else self.page

    @property
    def is_done(self) -> bool:
        return self.state is StepState.DONE


def steps(facts: ReadinessFacts) -> list[ReadinessStep]:
    """Every step, in order; steps that this community does not need are left out."""
    return [*_people(facts), *_agreement(facts), *_readers(facts), *_records(facts), *_figures(facts)]


def missing(found: Sequence[ReadinessStep]) -> list[ReadinessStep]:
    """The steps that stand in the way, the first to take first."""
    return [step for step in found if step.state not in (StepState.DONE, StepState.WAITS)]


def _step(id: str, title: str, about: str, why: str, *cure: str, after: bool = True) -> ReadinessStep:
    """Done without `why`. `cure`: an imperative, command, button, page and its arguments. `after`: whether what decides it is done."""
    if not after:
        return ReadinessStep(id, title, about, StepState.LATER)
    if not why:
        return ReadinessStep(id, title, about, StepState.DONE)
    do, command, button, page, *args = cure
    return ReadinessStep(id, title, about, StepState.MISSING, why, do, command, button, page, tuple(args))


def _people(facts: ReadinessFacts) -> Iterator[ReadinessStep]:
    why = "An agreement needs at least two organizations."
    few = (
        f"The register has {counted(facts.partners, 'partner')}. {why}"
        if facts.partners
        else f"No partner is registered. {why}"
    )
    yield _step(
        "partners", "The partners are here", "Each organization, with its legal kind.", few if facts.partners < 2 else "",
        "Add the partners", "throughway partner add ID --name NAME --kind KIND --signer EMAIL", "Add the partners", "partners:first",
    )  # fmt: skip
    yield _step(
        "steward", "A data steward is here", "Loads files, compares records, and puts agreements into effect.",
        "" if facts.stewards else "Nobody is registered as a data steward, so nobody may load a file on the site.",
        "Add a data steward", "throughway user add EMAIL --partner ID --role data_steward", "Add a person", "partners:new_person",
    )  # fmt: skip


def _agreement(facts: ReadinessFacts) -> Iterator[ReadinessStep]:
    found = facts.question
    yield _step(
        "agreement", "An agreement is written", "It says who gives what to whom, why, by what right and until when.",
        "" if facts.written else "No agreement says yet which records may come in.",
        "Write a first agreement", "throughway agreement start TEMPLATE --party ID:PART --id ID --title TITLE > agreements/ID.yaml, then "
        "throughway agreement add agreements/ID.yaml", "Start a draft", "drafting:new",
    )  # fmt: skip
    yield _step(
        "purpose", "It has a purpose for figures", "Figures can be published only under a purpose of form aggregate.",
        "" if found else f"{facts.other} has no purpose of form aggregate, so nothing can be published under it. Add one.",
        "Add a purpose for figures", f"throughway agreement amend {facts.other} FILE", "Read the agreement", "agreements:one", facts.other,
        after=facts.written > 0,
    )  # fmt: skip
    yield _step(
        "signers", "Each party has somebody who may sign", "Whom the party registered binds it; otherwise its leader.",
        f"Nobody of {listed(facts.signless)} may sign: add a leader, or let the partner register who signs." if facts.signless else "",
        "Add those who sign", "throughway user add EMAIL --partner ID --role leader", "Add a person", "partners:new_person",
        after=facts.written > 0,
    )  # fmt: skip
    yield _step(
        "in-effect", "It is signed and in effect", "Every party signs the same text; then it is put into effect, or is by itself where that was decided.",
        _waits(found), *_into_effect(found),
        after=found is not None,
    )  # fmt: skip
    if found is None or len(found.givers) > 1:
        yield _step(
            "linkage-purpose", "Records may be matched", "Two partners’ records are counted together only once they are matched.",
            f"No linkage purpose in effect serves {found.purpose} for {listed(found.unlinked)}, so these records stand alone."
            if found and found.unlinked else "",
            "Add a linkage purpose", f"throughway agreement amend {found.agreement} FILE" if found else "", "Read the agreement", "agreements:one",
            found.agreement if found else "", after=found is not None and not found.waits,
        )  # fmt: skip


def _waits(found: QuestionFacts | None) -> str:
    if found is None or not found.waits:
        return ""
    if found.blocking:
        return f"The review found {counted(found.blocking, 'blocking fault')} in “{found.title}”; nobody can sign it until they are cured."
    return found.waits


def _into_effect(found: QuestionFacts | None) -> tuple[str, ...]:
    """What brings the agreement into effect: the act itself, where this reader may do it today."""
    if found is not None and found.act == "activate" and found.may_activate:
        return (
            "Put the agreement into effect",
            _act(found),
            "Put it into effect",
            "agreements:act",
            found.agreement,
            "activate",
        )
    id = found.agreement if found else ""
    return "Get the agreement signed and put into effect", _act(found), "See its status", "agreements:one", id


def _act(found: QuestionFacts | None) -> str:
    if found is None:
        return ""
    if found.blocking:
        return "throughway agreement review FILE"
    return f"throughway agreement {found.act or 'show'} {found.agreement}{' --as EMAIL' if found.act else ''}"


def _readers(facts: ReadinessFacts) -> Iterator[ReadinessStep]:
    found = facts.question
    roles = listed([role.replace("_", " ") for role in found.roles]) if found else ""
    yield _step(
        "reader", "Somebody may ask", "The purpose names the partners and the roles of those who may ask under it.",
        "" if found and found.readers else
        f"Nobody has the role that {found.purpose} names: {roles.replace(' and ', ' or ')} of {listed(found.recipients)}."
        if found else "",
        "Add somebody who may ask", f"throughway user add EMAIL --partner ID --role {found.roles[0] if found and found.roles else 'evaluator'}", "Add a person",
        "partners:new_person", after=found is not None,
    )  # fmt: skip
    if found is not None and (found.courses or found.refused or found.readers):
        yield _step(
            "training", "No course is missing", "The courses that the agreement asks of who asks for figures, if any.",
            _untrained(found) if found.courses else found.refused,
            "Have the training taken", f"throughway training record EMAIL {found.courses[0] if found.courses else 'COURSE'} --on DAY", *_course(found),
            after=bool(found.readers),
        )  # fmt: skip


def _course(found: QuestionFacts) -> tuple[str, ...]:
    """The course itself for a reader who lacks it, where it is taken on this site."""
    return (
        ("Take the course", "training:course", found.own_course)
        if found.own_course
        else ("See the training", "training:list")
    )


def _untrained(found: QuestionFacts) -> str:
    courses = listed(found.courses)
    if len(found.readers) == 1:
        return f"Still to be completed by {found.readers[0]}: {courses}."
    return f"None of the {counted(len(found.readers), 'reader')} has completed what is required; the one who lacks least still needs {courses}."


def _records(facts: ReadinessFacts) -> Iterator[ReadinessStep]:
    found = facts.question
    came = found is not None and not found.empty
    how = (
        ""
        if facts.mapped
        else " A csv or xlsx file is looked at first, and a crosswalk, which says what its columns mean, is drafted."
    )
    yield _step(
        "file", "The files have come in", "Only what the agreement needs is stored.",
        f"Nothing that “{found.purpose}” counts has come in from {listed(found.empty)}.{how}" if found and found.empty else "",
        "Send a first file", "throughway load FILE --partner ID --format FORMAT --crosswalk FILE", "Send a file", "intake:new" if facts.mapped else "intake:inspect",
        after=found is not None and not found.waits,
    )  # fmt: skip
    if found is not None and len(found.givers) > 1 and not found.unlinked:
        yield _step(
            "linked", "Records are matched", "The platform finds which records of the partners are one person.",
            "" if facts.linked else "Files came in that were not compared with the others yet, so their students count for nobody.",
            "Recognize the persons", "throughway link", "Recognize the persons", "identity:persons", after=came and not found.waits,
        )  # fmt: skip
        if facts.undecided and facts.linked and came:
            page = (
                ("Decide the pairs", "identity:review")
                if facts.decides
                else ("See the persons", "identity:persons")
            )
            # What is published already cannot wait for it.
            yield ReadinessStep(
                "pairs", "Pairs in doubt are decided", "A person says whether two records that are almost alike are one student.",
                StepState.WAITS if facts.release else StepState.MISSING, facts.undecided, "Decide the pairs in doubt",
                "throughway link review decide --as EMAIL", *page,
            )  # fmt: skip
    if found is not None and found.consents is not None:
        yield _step(
            "consent", "Families have agreed", "This purpose counts only students whose families said yes.",
            "" if found.consents else "No consent in force is recorded, so nobody is counted.",
            "Record what families decided", "throughway consent add FILE", "See the consents", "families:consents",
        )  # fmt: skip


def _asking(found: QuestionFacts | None, button: str) -> tuple[str, ...]:
    """The button and the page; for who may not ask, the agreement, which says who may."""
    return (
        (button, "questions:first")
        if found is None or found.may_ask
        else ("See who may ask", "agreements:one", found.agreement)
    )


def _figures(facts: ReadinessFacts) -> Iterator[ReadinessStep]:
    found = facts.question
    ready = (
        found is not None
        and not (found.waits or found.empty or found.courses or found.refused)
        and bool(found.readers)
    )
    purpose = found.purpose if found else "PURPOSE"
    yield _step(
        "answer", "A first answer", "Counted through the gate, and recorded in the ledger.",
        "" if facts.asked else "Nobody has asked a question yet. A preview publishes nothing and says how much would be shown.",
        "Ask a first question", f"throughway report QUESTION.sql --purpose {purpose} --preview --as EMAIL", *_asking(found, "Ask a question"),
        after=ready or facts.asked,
    )  # fmt: skip
    if facts.waiting:
        yield ReadinessStep(
            "figure", "A first figure is published", "Protected, registered for good, and verifiable by a stranger.", StepState.WAITS,
            facts.release, "Let the partners look at it", f"throughway publish agree {facts.waiting} --as EMAIL", "See the release",
            "publication:release", (facts.waiting,),
        )  # fmt: skip
        return
    yield _step(
        "figure", "A first figure is published", "Protected, registered for good, and verifiable by a stranger.",
        "" if facts.release else "Nothing is published yet.",
        "Publish a first figure", f"throughway report QUESTION.sql --purpose {purpose} --as EMAIL", *_asking(found, "Publish a figure"),
        after=ready or bool(facts.release),
    )  # fmt: skip
