"""What a program says of a student whom it enters in its own records, and the rows that this becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache

from throughway.core.person_names import unbound_name
from throughway.core.refusals import Refused
from throughway.identity.linkage.word_lists import SUFFIXES, folded, formal_names
from throughway.intake.entered_rows import EnteredRow, EnteredRows

LINE = 100  # characters of a name, a telephone or a number
OLDEST = 100  # years
PART = "program_participation"


@dataclass(frozen=True)
class EnteredStudent:
    """`language`: a code of ISO 639-2; `own_number`: the student's number in the program's own system, where it has one."""

    first_name: str
    last_or_surname: str
    birthdate: date | None = None
    telephone: str = ""
    language: str = ""
    own_number: str = ""

    def check(self, today: date) -> None:
        """Refused (usage) where a name is missing, something is too long, or the birth date cannot be one."""
        for name, words in (("first_name", "first name"), ("last_or_surname", "family name")):
            if not any(c.isalpha() for c in getattr(self, name)):
                raise Refused(f"Write the {words} of the student.", code="usage")
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and (len(value) > LINE or "\n" in value):
                raise Refused(f"Write at most {LINE} characters in one line of each field.", code="usage")
        if self.birthdate and not (today.year - OLDEST < self.birthdate.year and self.birthdate < today):
            raise Refused("The birth date cannot be right; correct it, or leave it empty.", code="usage")

    def rows(self) -> list[EnteredRow]:
        """The rows about the student, without the program."""
        who = {"first_name": self.first_name, "last_or_surname": self.last_or_surname}
        if self.birthdate:
            who["birthdate"] = self.birthdate.isoformat()
        found = [EnteredRow("person", "", who)]
        if self.telephone:
            found.append(EnteredRow("person_contact", "1", {"telephone_number": self.telephone}))
        if self.language:
            spoken = {"iso_639_2_language_code": self.language, "language_type": "Home"}
            found.append(EnteredRow("person_language", "1", spoken))
        return found


@dataclass(frozen=True)
class ProgramStay:
    """A stay in a program. `key`: of its row; `received`: the day on which the program received the referral; `until`: its last day."""

    key: str
    program: str
    since: date
    received: date | None = None
    until: date | None = None

    def check(self, today: date) -> None:
        """Refused (usage) for a first day in the future or before the referral, and for a last day that is before the first."""
        if self.since > today or (self.received and self.since < self.received):
            raise Refused(
                "The first day is today or earlier, and not before the referral came; correct it.",
                code="usage",
            )
        if self.until and not self.since <= self.until <= today:
            raise Refused(
                "The last day is today or earlier, and not before the first day; correct it.", code="usage"
            )

    def row(self) -> EnteredRow:
        values = {
            "program_identifier": self.program,
            "program_participation_start_date": self.since.isoformat(),
            "program_participation_status": "Exited" if self.until else "Active",
        }
        if self.received:
            values["program_application_date"] = self.received.isoformat()
        if self.until:
            values["program_participation_exit_date"] = self.until.isoformat()
        return EnteredRow(PART, self.key, values)


def rows_of(person: str, said: EnteredStudent | None, stay: ProgramStay) -> EnteredRows:
    """The rows of a stay, and of a student whom the records do not have yet (`said`). `person`: the program's key of the student."""
    return EnteredRows(person, [*(said.rows() if said else ()), stay.row()], is_new=said is not None)


def split_name(name: str) -> Mapping[str, str]:
    """A name in one line as first and family name. A referral whose sender took the name from the record says where the family name begins.
    Of any other name it is a suggestion that its reader corrects: what stands before a comma is the family name; otherwise it begins after the first word, and after further words that are given names: Miguel | Olmos Vega, but Ana María | López. The
    last word is always of the family name."""
    if bound := unbound_name(name):
        return dict(zip(("first_name", "last_or_surname"), bound, strict=True))
    before, comma, after = name.partition(",")
    if comma and before.strip() and after.strip():
        return {"first_name": " ".join(after.split()), "last_or_surname": " ".join(before.split())}
    words = name.replace(",", " ").split()
    last = len(words) - (2 if len(words) > 2 and folded(words[-1]) in SUFFIXES else 1)  # Jr is no family name
    end = next((at for at in range(1, last) if not _is_given(words[at])), max(last, 1))
    return {"first_name": " ".join(words[:end]) or name, "last_or_surname": " ".join(words[end:])}


def _is_given(word: str) -> bool:
    """Whether it is a given name, or an initial."""
    return len(folded(word)) == 1 or folded(word) in _given_names()


@cache
def _given_names() -> frozenset[str]:
    return frozenset(name for pair in formal_names() for name in pair)
