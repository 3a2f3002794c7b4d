"""What a file's students are known by: their own number, or in its place the name, with the birth date where there is one."""

from collections.abc import Sequence

from throughway.core.prose import listed
from throughway.intake.inspection.draft_lines import one_line
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.heading_words import PERSONS, words_of

PERSON_KEY = "person_identifier.person_identifier"
SYSTEMS = (
    (("ssn", "social"), "SSN"), (("medicaid",), "Medicaid"), (("state", "curp"), "State"), (("school",), "School"),
    (("district", "local", "student", "perm", "pupil"), "District"),
)  # fmt: skip
FILLED = 0.8  # of the cells, in columns that together are the key of the student; a short list has its line of totals
PARTS = (
    ("first_name", "first"),
    ("middle_name", "middle"),
    ("last_or_surname", "last"),
    ("generation_code_or_suffix", "suffix"),
)

# Words of a heading over the student's own name, not that of a parent or a teacher.
OF_STUDENT = PERSONS | {"full", "legal", "name", "last", "first", "middle"}


def person_key(columns: Sequence[ElementGuess]) -> Sequence[ElementGuess]:
    """The column with the partner's own key of the student: the fullest, and a local number before a state's. Where there is none, the
    columns of the name and the birth date, if they are sure and nearly always filled, or of the name where no column is a birth date; else nothing."""
    found = [c for c in columns if c.element == PERSON_KEY and not c.is_doubt and c.profile.filled]
    found.sort(
        key=lambda c: (
            system_of(c.name) in ("SSN", "Medicaid", "State"),
            -c.profile.filled,
            c.profile.position,
        )
    )
    return found[:1] or _name_and_birth_date(columns)


def _name_and_birth_date(columns: Sequence[ElementGuess]) -> Sequence[ElementGuess]:
    sure = {c.element: c for c in columns if c.element and not c.is_doubt}
    whole, born = whole_name(columns), sure.get("person.birthdate")
    parts = (sure.get("person.first_name"), sure.get("person.last_or_surname"))
    found = [c for c in ((whole,) if whole else parts) if c is not None]
    alone = not any(c.element in ("person.birthdate", PERSON_KEY) for c in columns)
    if len(found) < (1 if whole else 2) or not (alone or (born is not None and born.dates is not None)):
        return ()
    told = born is None or (born.dates is not None and born.dates.order not in ("cannot tell", "mixed"))
    key = (*found, *([born] if born is not None else []))
    filled = all(c.profile.filled and c.profile.filled >= FILLED * c.profile.rows for c in key)
    return key if told and filled else ()


def is_of_names(key: Sequence[ElementGuess]) -> bool:
    """Whether a key is made of names, with a birth date or without."""
    return bool(key) and key[0].element != PERSON_KEY


def cost_of_made_key(columns: Sequence[ElementGuess]) -> str:
    """What a key that is made of a name, and a birth date where there is one, costs; empty where the file has another or none."""
    if not is_of_names(key := person_key(columns)):
        return ""
    names = [one_line(c.name) for c in key]
    if all(c.element != "person.birthdate" for c in key):
        many = len(names) > 1
        return (
            f"No column is the student's own number or birth date, so {listed(names)} {'together take' if many else 'takes'} its place. Names alone load: "
            "two students of one name are one, and a name that is written otherwise makes a new record. They link poorly: a name that stands in "
            "another source too is mostly a pair that a person decides. With a birth date, most link by themselves; add its column if you can."
        )
    asked = [one_line(c.name) for c in columns if c.element == PERSON_KEY]
    return (
        f"No column is surely the student's own number, so {listed(names)} together take its place: a name or birth date that is corrected "
        "or written otherwise makes a new record, and two students with one name and birth date are one."
        + (f" If {' or '.join(asked)} is that number, use it instead." if asked else "")
    )


def system_of(heading: str) -> str:
    words = words_of(heading)
    return next((system for said, system in SYSTEMS if any(word in words for word in said)), "Program")


def whole_name(columns: Sequence[ElementGuess]) -> ElementGuess | None:
    """The one column of whole names whose parts are read, where no other column has the student's names."""
    found = [c for c in columns if c.names and OF_STUDENT.issuperset(words_of(c.name))]
    own = {f"person.{name}" for name, _ in PARTS}
    return found[0] if len(found) == 1 and not any(c.element in own for c in columns) else None
