"""One entry of the ledger told to a reader: partners and agreements by their names."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from throughway.core.prose import counted, listed
from throughway.ledger.entry_facts import EntryFacts, right_words


@dataclass(frozen=True)
class Under:
    """An agreement; `open` says whether the reader may open its page."""

    id: str
    title: str
    open: bool


@dataclass(frozen=True)
class PresentedEntry:
    """`who` is a role and a partner; `address` their e-mail, empty where it is not told. `purposes`: each in its own words."""

    line: EntryFacts
    who: str
    address: str
    purposes: Sequence[str]
    agreements: Sequence[Under]
    disclosers: str
    recipients: str
    onward: Sequence[str]
    students: str
    short: str

    @property
    def tag(self) -> str:
        return self.line.tag

    @property
    def somebody(self) -> str:
        """The reader at the head of a sentence: A case worker of Bright Futures."""
        role, _, partner = self.who.partition(", ")
        if not partner:
            return role
        return f"{'An' if role[:1] in 'AEIOU' else 'A'} {role[:1].lower()}{role[1:]} of {partner}"

    @property
    def sentence(self) -> str:
        """The entry in one sentence."""
        said = {
            "released": f"saw {self.students}",
            "published": "published figures",
            "looked": "asked who saw a record",
            "passed_on": f"passed records on to {self.recipients}",
            "requested": f"asked {self.recipients} to whom it passed records on",
            "answered": f"told {self.recipients} to whom records were passed on",
        }
        return f"{self.somebody} {said.get(self.line.outcome, 'was refused')}"

    @property
    def title(self) -> str:
        """What an entry about one student is called: the purpose of a reading, else what was done."""
        titles = {
            "looked": "Asked who saw this student",
            "passed_on": f"Passed on to {self.recipients}: {self.purpose}",
            "requested": f"{self.recipients} was asked to whom it passed records on",
            "answered": f"{self.recipients} was told to whom records were passed on",
        }
        return titles.get(self.line.outcome, self.purpose)

    @property
    def is_reading(self) -> bool:
        return self.line.outcome in ("released", "published")

    @property
    def purpose(self) -> str:
        """The first purpose, and how many others it was asked for together with."""
        first, *others = self.purposes
        return f"{first}, and {counted(len(others), 'other purpose')}" if others else first


def told(
    line: EntryFacts,
    *,
    purpose: str,
    names: Mapping[str, str],
    titles: Mapping[str, str],
    open: Container[str],
) -> PresentedEntry:
    """`open`: ids of the agreements that the reader may open."""

    def called(ids: Sequence[str]) -> str:
        return listed(names.get(id, id) for id in ids)

    partner = names.get(line.partner, line.partner) if line.partner else ""
    role = line.role_words
    return PresentedEntry(
        line=line,
        who=f"{role}, {partner}" if partner else role,
        address=line.email if "@" in line.email else "",
        purposes=purpose.split("; "),  # asked for together, an entry states them in one line
        agreements=[Under(id, titles.get(id, id), id in open) for id in line.agreements],
        disclosers=called(line.disclosers),
        recipients=called(line.recipients),
        onward=[_next(step, names) for step in line.onward],
        # Each partner has a record of its own of a student, and the ledger counts these.
        students=counted(line.students, "student record") if line.students else "no student",
        short=line.id[:8],
    )


def _next(step: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Who may receive the records next, what for, and by what right."""
    party = names.get(step["party"], step["party"])
    right = right_words(step["basis"]) or step["basis"]
    told = f"{party}: {step['interest']}" if step["interest"] else party
    return f"{told} ({right})" if right else told
