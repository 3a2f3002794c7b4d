"""A fictional community to try recognition on: invented surnames, households, twins, and the errors of real registers.

Deterministic by seed. `truth` maps a record number to the person; nothing but tests reads it.
"""

import datetime
import random
from dataclasses import dataclass, field

import pyarrow as pa

from throughway.identity.linkage.word_lists import formal_names

GIRLS = ["abigail", "alejandra", "alexandra", "ana", "andrea", "beatriz", "catherine", "christina", "daniela", "elizabeth",
         "emily", "gabriela", "guadalupe", "isabel", "isabella", "jennifer", "jessica", "katherine", "leticia", "lucia",
         "madison", "margaret", "maria", "maria fernanda", "maria jose", "mariana", "natalia", "olivia", "patricia", "rebecca",
         "rosa", "samantha", "sofia", "stephanie", "teresa", "valeria", "veronica", "victoria", "ximena", "yolanda",
         "hazel", "ivy", "june", "kayla", "jayla", "laila", "maya", "nora", "opal", "pearl"]  # fmt: skip
BOYS = ["alejandro", "alexander", "andrew", "anthony", "antonio", "benjamin", "carlos", "charles", "christian", "christopher",
        "daniel", "david", "eduardo", "edward", "enrique", "francisco", "gabriel", "guillermo", "ignacio", "jacob",
        "james", "jesus", "john", "jonathan", "jose", "jose luis", "joseph", "joshua", "juan", "juan carlos", "luis", "manuel",
        "matthew", "michael", "miguel", "nathaniel", "nicholas", "rafael", "ricardo", "robert", "roberto", "samuel", "santiago",
        "thomas", "timothy", "vicente", "william", "zachary", "jayden", "kayden", "owen", "miles"]  # fmt: skip
HEADS = ["bal", "cor", "dran", "fel", "gar", "hol", "jun", "kel", "lor", "mar", "nev", "or", "pel", "quin", "ros", "sal", "tor",
         "ul", "val", "wen", "zam"]  # fmt: skip
TAILS = ["ado", "ander", "bury", "dale", "ero", "ford", "guera", "ingo", "ister", "land", "mora", "nez", "oldo", "quez", "rell",
         "stone", "tano", "uela", "vane", "wick"]  # fmt: skip
STREETS = [
    "Acorn",
    "Birchleaf",
    "Copper",
    "Dovecote",
    "Elmwood",
    "Foundry",
    "Granary",
    "Harvest",
    "Inkwell",
    "Juniper",
]
KINDS = ["Street", "Avenue", "Road", "Lane"]


@dataclass
class Learner:
    number: int
    first: str
    middle: str
    surnames: tuple[str, ...]
    born: datetime.date
    sex: str
    street: str
    phone: str
    state_id: str
    twin: bool = False


@dataclass
class Community:
    """What the gate would show (`tables`), and who is who (`truth`)."""

    tables: dict[str, pa.Table]
    truth: dict[int, int]
    twins: set[int] = field(default_factory=set)  # persons who have a twin
    siblings: dict[int, int] = field(
        default_factory=dict
    )  # person to household, where it has several children
    double: set[int] = field(default_factory=set)  # persons with two surnames


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.shorts: dict[str, list[str]] = {}
        for short, formal in formal_names():
            self.shorts.setdefault(formal, []).append(short)

    def skewed(self, names: list[str]) -> str:
        """Some names are common and most are not, as everywhere."""
        return self.random.choices(names, weights=[1 / (rank + 8) for rank in range(len(names))])[0]

    def surname(self) -> str:
        return self.skewed(HEADS) + self.random.choice(TAILS)

    def household(self, number: int) -> list[Learner]:
        r = self.random
        surnames = (self.surname(), self.surname()) if r.random() < 0.3 else (self.surname(),)
        street = f"{r.randint(1, 990)} {r.choice(STREETS)} {r.choice(KINDS)}"
        phone = f"555{r.randint(1000000, 9999999)}"
        born = [datetime.date(2006, 1, 1) + datetime.timedelta(days=r.randint(0, 4700))]
        while r.random() < 0.42 and len(born) < 4:
            twin = r.random() < 0.09
            born.append(born[-1] if twin else born[-1] + datetime.timedelta(days=r.randint(330, 1500)))
        learners: list[Learner] = []
        for at, day in enumerate(born):
            sex = r.choice("FM")
            pool = GIRLS if sex == "F" else BOYS
            taken = {other.first for other in learners}
            first = self.skewed([name for name in pool if name not in taken])
            middle = (
                self.skewed([name for name in pool if name not in {*taken, first}])
                if r.random() < 0.8
                else ""
            )
            learners.append(Learner(number + at, first, middle, surnames, day, sex, street, phone, f"S{number + at + 70000:07d}",
                                    twin=born.count(day) > 1))  # fmt: skip
        return learners

    def typing_error(self, word: str) -> str:
        r = self.random
        at = r.randrange(len(word))
        kind = r.randrange(4)
        letter = r.choice("abcdefghijklmnopqrstuvwxyz")
        if kind == 0:
            return word[:at] + letter + word[at + 1 :]
        if kind == 1 and len(word) > 3:
            return word[:at] + word[at + 1 :]
        if kind == 2:
            return word[:at] + letter + word[at:]
        return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]

    def birth_error(self, born: datetime.date) -> datetime.date:
        kind = self.random.randrange(3)
        if kind == 0 and born.day <= 12:
            return datetime.date(born.year, born.day, born.month)
        if kind == 1:
            return born.replace(day=self.random.randint(1, 28))
        return born.replace(year=born.year + self.random.choice([-1, 1]), day=min(born.day, 28))

    def spelled(self, learner: Learner, noise: float) -> tuple[str, str, str]:
        r = self.random
        first, middle = learner.first, learner.middle
        shorts = self.shorts.get(first.replace(" ", ""))
        if shorts and r.random() < 0.12 * noise:
            first = r.choice(shorts)
        elif r.random() < 0.02 * noise:
            first = self.typing_error(first)
        if r.random() < 0.3 * noise:
            middle = middle[:1]
        elif r.random() < 0.3 * noise:
            middle = ""
        one, *more = learner.surnames
        last = one
        if more:
            other = more[0]
            last = r.choices(
                [f"{one} {other}", f"{one}-{other}", one, f"{other} {one}"],
                [6, 2 * noise, 2.5 * noise, 0.3 * noise],
            )[0]
        if r.random() < 0.02 * noise:
            last = self.typing_error(last)
        return first.title(), middle.title(), last.title()


def schooling(made: Community, seed: int, share: float = 0.8) -> pa.Table:
    """Enrollments of a share of the records: each household goes to one of four schools, each child by its age, with the slips of
    real registers."""
    r = random.Random(seed)
    born: dict[int, datetime.date] = {}
    for row in made.tables["person"].to_pylist():
        if row["birthdate"]:
            born.setdefault(made.truth[row["person_record"]], row["birthdate"])
    rows = []
    for row in made.tables["person"].to_pylist():
        record, person = row["person_record"], made.truth[row["person_record"]]
        if person not in born or r.random() > share:
            continue
        year = r.randint(2018, 2024)
        grade = year - (born[person] + datetime.timedelta(days=122)).year - 5 + (r.random() < 0.03)
        school = 255100 + (made.siblings.get(person, person) % 4 if r.random() > 0.05 else r.randrange(4))
        rows.append({"person_record": record, "partner": row["partner"], "organization_id": f"{row['partner']}/{school}",
                     "school_year": str(year), "entry_grade_level": f"{grade:02}" if 1 <= grade <= 12 else None})  # fmt: skip
    return pa.Table.from_pylist(rows)


def community(persons: int, seed: int, *, home: bool = True) -> Community:
    """Two districts and an after-school program. Without `home`, names, birth dates and sex are all there is."""
    maker = Maker(seed)
    r = maker.random
    learners: list[Learner] = []
    made = Community({}, {})
    while len(learners) < persons:
        family = maker.household(len(learners))
        for learner in family:
            if len(family) > 1:
                made.siblings[learner.number] = family[0].number
            if learner.twin:
                made.twins.add(learner.number)
            if len(learner.surnames) > 1:
                made.double.add(learner.number)
        learners.extend(family)
    rows: list[tuple[str, Learner, float]] = []
    for learner in learners:
        in_north = r.random() < 0.6
        rows.append(("north", learner, 0.6) if in_north else ("south", learner, 0.6))
        if r.random() < 0.08:  # changed district, and is in both registers
            rows.append(("south", learner, 1.0) if in_north else ("north", learner, 1.0))
        if r.random() < 0.006:  # entered twice by one district
            rows.append((rows[-1][0], learner, 1.0))
        if r.random() < 0.45:
            rows.append(("club", learner, 1.6))
    r.shuffle(rows)
    person, contact, identifier = [], [], []
    for number, (source, learner, noise) in enumerate(rows, start=1000):
        made.truth[number] = learner.number
        first, middle, last = maker.spelled(learner, noise)
        born: datetime.date | None = learner.born
        if r.random() < 0.02 * noise:
            born = maker.birth_error(learner.born)
        elif source == "club" and r.random() < 0.03:
            born = None
        person.append({"person_record": number, "partner": source, "first_name": first, "middle_name": middle or None,
                       "last_or_surname": last, "birthdate": born,
                       "sex": None if r.random() < 0.1 * noise else {"F": "Female", "M": "Male"}[learner.sex]})  # fmt: skip
        moved = r.random() < 0.2 * noise
        street = f"{r.randint(1, 990)} {r.choice(STREETS)} {r.choice(KINDS)}" if moved else learner.street
        contact.append({"person_record": number, "partner": source,
                        "address_street_number_and_name": None if source == "club" and r.random() < 0.5 else street,
                        "telephone_number": learner.phone if r.random() < 0.5 else None})  # fmt: skip
        if source != "club" and r.random() < 0.5:
            identifier.append({"person_record": number, "partner": source, "person_identifier": str(number),
                               "person_identification_system": "District"})  # fmt: skip
    made.tables["person"] = pa.Table.from_pylist(person)
    if home:
        made.tables["person_contact"] = pa.Table.from_pylist(contact)
        made.tables["person_identifier"] = pa.Table.from_pylist(identifier)
    return made
