"""The rows of a bundle become rows of our tables: students and their adults, enrollment in schools, marks and results.

OneRoster lists everybody as users. Only users with the role of student become persons; teachers and others are not stored. An adult
becomes a guardian of a student if either names the other as an agent.

OneRoster enrolls students in classes. Enrollment in the school is derived from the roles of 1.2 or the organizations of 1.1 users.
Its first day is that of the role, otherwise of the earliest class in that school, otherwise of the school year; `entry_type_source` is
`derived`. Only a role gives a last day, because a student whose classes have all ended may still be enrolled.

Marks of a course and results of one assignment have the same form. A line item is a mark of the course if its title, or its
category's, is listed under `course_marks` in `maps/oneroster.yaml`; any other is a separate assessment.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat

from throughway.intake.code_mapping import coder, unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.records import folded
from throughway.intake.oneroster.bundle import Bundle
from throughway.intake.oneroster.layout import document, list_items
from throughway.intake.oneroster.rows import OneRosterRow, RowBlock
from throughway.intake.staging import RowFault, StagingWriter
from throughway.vocabulary import TABLES

SCHOOL = "school"
MASTER = "userMasterIdentifier"  # equal for users whom the system knows to be one person
ADULTS = frozenset({"guardian", "parent", "relative"})

Values = dict[str, str | RowFault]

# demographics.csv: column -> code of race
RACES = {
    "americanIndianOrAlaskaNative": "AmericanIndianOrAlaskaNative",
    "asian": "Asian",
    "blackOrAfricanAmerican": "BlackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander": "NativeHawaiianOrOtherPacificIslander",
    "white": "White",
}
# users.csv: column -> element of a guardian
GUARDIAN = {"givenName": "first_name", "familyName": "last_or_surname", "email": "electronic_mail_address"}
# users.csv: column -> element of a contact, and constant elements of such a contact
CONTACTS: Mapping[str, tuple[str, Values]] = {
    "email": ("electronic_mail_address", {}),
    "phone": ("telephone_number", {}),
    "sms": (
        "telephone_number",
        {"telephone_number_type": "Mobile", "telephone_number_type_source": "sms"},
    ),
}


@dataclass
class Roles:
    """The role of each user, from all rows that have a role: roles of 1.2, 1.1 users, and enrollments in either."""

    students: set[str] = field(default_factory=set)
    adults: dict[str, str] = field(default_factory=dict)  # user -> guardian, parent or relative
    known: set[str] = field(default_factory=set)  # users with any role

    def add(self, user: str, role: str) -> None:
        if role:
            self.known.add(user)
        if role == "student":
            self.students.add(user)
        elif role in ADULTS:
            self.adults.setdefault(user, role)


@dataclass(frozen=True)
class Sessions:
    """The school years of a bundle: first day, last day, ending year."""

    years: tuple[tuple[str, str, str], ...]

    def of(self, day: str) -> tuple[str, str, str] | None:
        """The school year of a day, or the bundle's only one."""
        for year in self.years:
            if day and year[0] <= day <= year[1]:
                return year
        return self.years[0] if len(self.years) == 1 else None

    @property
    def only_year(self) -> int | None:
        """The ending year of the bundle's school year."""
        years = {year[2] for year in self.years}
        return int(years.pop()) if len(years) == 1 else None


def sessions_of(bundle: Bundle) -> Sessions:
    found = {
        (row.cells["startDate"], row.cells["endDate"], row.cells["schoolYear"])
        for row in bundle.rows("academicSessions")
        if row.cells.get("type") == "schoolYear"
    }
    return Sessions(tuple(sorted(found)))


NOT_TESTED = ("exempt", "not submitted")


@dataclass(frozen=True)
class SaidOfResult:
    """The table of a result, and what its line item and class say of it, by element. `faults`: the bits of what of it cannot be read."""

    table: str
    texts: Mapping[str, str]
    faults: int = 0


class RosterStaging:
    """Stages the rows of a bundle. `became`: by file, how many of its rows became a row of a table or part of one."""

    def __init__(self, bundle: Bundle, writer: StagingWriter, crosswalk: Crosswalk | None) -> None:
        self.bundle = bundle
        self.roles = Roles()
        self.sessions = sessions_of(bundle)
        self.became: Counter[str] = Counter()
        self.without_role = 0  # users
        self._writer = writer
        self._crosswalk = crosswalk
        self._coders: dict[tuple[str, str], Callable[[str], str | None]] = {}
        for name, column in (("roles", "userSourcedId"), ("users", "sourcedId")):
            for user, role in bundle.cells(name, column, "role"):
                self.roles.add(user, role)
        # By student and school, the first day in any class, and the homeroom.
        self._first_days: dict[tuple[str, str], str] = {}
        self._homerooms: dict[tuple[str, str], str] = {}
        self._read_enrollments()

    def stage(self) -> None:
        kinds = self._organizations()
        self._people()
        self._enrollment(kinds)
        self._results()

    def _organizations(self) -> dict[str, str]:
        """Stages the organizations; returns the type of each."""
        kinds = {}
        for row in self.bundle.rows("orgs"):
            kind = kinds[row.id] = row.cells.get("type", "")
            values: Values = {"organization_id": row.id, **self._elements("orgs", row, "organization")}
            if kind in (SCHOOL, "district"):
                values["school_identifier" if kind == SCHOOL else "local_education_agency_identifier"] = (
                    row.id
                )
            self._code(values, "organization.organization_type", kind, "type")
            self._add("organization", "orgs", row, "", row.id, values)
            self.became["orgs"] += 1
        return kinds

    def _people(self) -> None:
        """Stages students with their related rows, and guardians."""
        roles, rows = self.roles, self.bundle.rows
        demographics = {row.id: row for row in rows("demographics") if row.id in roles.students}
        adults: dict[str, OneRosterRow] = {}
        agents: dict[str, dict[str, OneRosterRow]] = defaultdict(
            dict
        )  # student -> adult -> the row that names both
        for row in rows("users"):
            named = [item.strip() for item in list_items(row.cells.get("agentSourcedIds", ""))]
            if row.id in roles.students:
                self.became["users"] += 1
                self.became["demographics"] += row.id in demographics
                self._student(row, demographics.get(row.id))
                for adult in named:
                    agents[row.id].setdefault(adult, row)
            elif row.id in roles.adults:
                adults[row.id] = row
                for student in named:
                    if student in roles.students:
                        agents[student].setdefault(row.id, row)
            elif row.id not in roles.known:
                self.without_role += 1
        guardians: set[str] = set()
        for student, named_adults in agents.items():
            for adult, naming in named_adults.items():
                if adult in roles.adults:
                    self._guardian(student, adult, adults.get(adult), naming)
                    guardians.add(adult)
        self.became["users"] += len(guardians & adults.keys()) + self.without_role

    def _student(self, row: OneRosterRow, demographics: OneRosterRow | None) -> None:
        values = self._elements("users", row, "person")
        if demographics is not None:
            values |= self._elements("demographics", demographics, "person")
            self._races(row.id, demographics)
        self._add("person", "users", row, row.id, "", values)
        self._identifiers(row)
        for column, (element, more) in CONTACTS.items():
            if text := row.cells.get(column, "").strip():
                self._add("person_contact", "users", row, row.id, f"{column}|{text}", {element: text, **more})

    def _races(self, person: str, row: OneRosterRow) -> None:
        common = row.unreadable_of("person_race")
        common.pop("race", None)  # each race is a row of its own
        for element, column in (
            ("hispanic_or_latino_ethnicity", "hispanicOrLatinoEthnicity"),
            ("demographic_race_two_or_more_races", "demographicRaceTwoOrMoreRaces"),
        ):
            if cell := row.cells.get(column, "").strip():
                common[element] = cell.lower()
        races = {c: code for c, code in RACES.items() if row.cells.get(c, "").strip().lower() == "true"}
        for column, code in races.items():
            values = {**common, "race": code, "race_source": column}
            self._add("person_race", "demographics", row, person, code, values)
        if any(isinstance(value, str) for value in common.values()) and not races:
            self._add("person_race", "demographics", row, person, "asked", common)

    def _identifiers(self, row: OneRosterRow) -> None:
        found: dict[str, Values] = {"sourcedId": {"student_identification_code": row.id}}
        if text := row.cells.get("identifier", "").strip():
            found["identifier"] = {"person_identifier": text}
        if text := row.cells.get(MASTER, "").strip():
            found[MASTER] = {
                "person_identifier": text,
                "person_identification_system": "MasterUser",
                "person_identification_system_source": MASTER,
            }
        for item in list_items(row.cells.get("userIds", "")):
            system, _, text = item.strip().strip("{}").partition(":")
            values: Values = {"person_identifier": text}
            element = "person_identifier.person_identification_system"
            self._code(values, element, system, "userIds")
            found[f"userIds|{system}|{text}"] = values
        for key, values in found.items():
            self._add("person_identifier", "users", row, row.id, key, values)

    def _guardian(self, student: str, adult: str, row: OneRosterRow | None, naming: OneRosterRow) -> None:
        values: Values = {"guardian_person_id": adult}
        if row is not None:
            texts = {element: row.cells.get(column, "").strip() for column, element in GUARDIAN.items()}
            texts["telephone_number"] = row.cells.get("phone", "").strip() or row.cells.get("sms", "").strip()
            values |= {element: text for element, text in texts.items() if text}
        relationship = "guardian.person_relationship_type"
        self._code(values, relationship, self.roles.adults[adult], "role")
        self._add("guardian", "users", naming, student, adult, values)

    def _enrollment(self, kinds: Mapping[str, str]) -> None:
        """Stages each student's derived enrollment in each school; organizations of other types are left out."""
        students = self.roles.students
        cells = self.bundle.cells("users", "sourcedId", "grades")
        grades = {user: words for user, words in cells if user in students}
        for file, row, student, school, dated in self._memberships():
            if student not in students or kinds.get(school, SCHOOL) != SCHOOL:
                continue
            begin = dated.get("beginDate", "").strip() or self._first_days.get((student, school), "")
            year = self.sessions.of(begin)
            begin = begin or (year[0] if year else "")
            primary = dated.get("roleType", "")
            texts = {
                "organization_id": school,
                "entry_type_source": "derived",
                "school_year": year[2] if year else "",
                "enrollment_entry_date": begin,
                "enrollment_exit_date": dated.get("endDate", "").strip(),
                "homeroom": self._homerooms.get((student, school), ""),
                "primary_school": primary and ("true" if primary == "primary" else "false"),
            }
            values = row.unreadable_of("school_enrollment")
            values |= {element: text for element, text in texts.items() if text}
            words = list_items(grades.get(student, ""))
            if len(words) == 1:  # of several grades, the one that was entered is unknown
                element = "school_enrollment.entry_grade_level"
                self._code(values, element, words[0], "grades")
            self._add("school_enrollment", file, row, student, f"{school}|{begin}", values)
            self.became["roles"] += file == "roles"

    def _memberships(self) -> Iterator[tuple[str, OneRosterRow, str, str, Mapping[str, str]]]:
        """File, row, user, organization, and the cells that date it."""
        if self.bundle.version == "1.2":
            for row in self.bundle.rows("roles"):
                if row.cells["role"] == "student":
                    yield "roles", row, row.cells["userSourcedId"], row.cells["orgSourcedId"], row.cells
            return
        for row in self.bundle.rows("users"):
            schools = (item.strip() for item in list_items(row.cells.get("orgSourcedIds", "")))
            for school in dict.fromkeys(schools):
                yield "users", row, row.id, school, {}

    def _read_enrollments(self) -> None:
        """Goes over the enrollments in classes, by far the most rows of a bundle, once."""
        rooms = {
            lesson: title
            for lesson, title, kind in self.bundle.cells("classes", "sourcedId", "title", "classType")
            if kind == "homeroom"
        }
        columns = ("userSourcedId", "role", "schoolSourcedId", "classSourcedId", "beginDate")
        for user, role, school, lesson, begin in self.bundle.cells("enrollments", *columns):
            self.roles.add(user, role)
            at, begin = (user, school), begin.strip()
            if begin and begin < self._first_days.get(at, "9999"):
                self._first_days[at] = begin
            if lesson in rooms:
                self._homerooms.setdefault(at, rooms[lesson])

    def _results(self) -> None:
        """Stages the results of students, many at once: marks of courses, and assessments."""
        if "results" not in self.bundle.package.modes:
            return
        said = self._said_of_results()
        for block in self.bundle.blocks("results"):
            named = map(block.column, ("studentSourcedId", "lineItemSourcedId", "classSourcedId"))
            commons = [
                said(item, lesson) if student in self.roles.students else None
                for student, item, lesson in zip(*named, strict=True)
            ]
            for table in dict.fromkeys(common.table for common in commons if common):
                chosen = [common is not None and common.table == table for common in commons]
                self._chosen_results(block.only(chosen), [c for c in commons if c and c.table == table])

    def _chosen_results(self, block: RowBlock, commons: Sequence[SaidOfResult]) -> None:
        """Results of one table."""
        table, score, text = commons[0].table, block.column("score"), block.column("textScore")
        if table == "course_grade":
            own = {"student_course_section_grade_earned": text, "numeric_grade_earned": score}
        else:
            own = {
                "assessment_identifier": block.column("lineItemSourcedId"),
                "assessment_administration_start_date": block.column("scoreDate"),
                "assessment_result_score_value": [s or t for s, t in zip(score, text, strict=True)],
                "reason_not_tested": [s if s in NOT_TESTED else "" for s in block.column("scoreStatus")],
            }
        unreadable = self.bundle.unreadable["results"]
        faults = [common.faults for common in commons]
        for place, number in enumerate(block.numbers if unreadable else ()):
            for path, fault in unreadable.get(number, {}).items():
                if path.startswith(f"{table}.") and not commons[place].texts.get(fault.element, "").strip():
                    faults[place] |= self._writer.faults.bit(table, fault)
        self._writer.add_columns(
            table, repeat("results.csv"), block.numbers, block.column("studentSourcedId"), block.column("sourcedId"),
            faults=faults, values=own | {name: [c.texts[name] for c in commons] for name in commons[0].texts},
        )  # fmt: skip
        self.became["results"] += len(commons)

    def _said_of_results(self) -> Callable[[str, str], SaidOfResult]:
        """What a line item and a class say of every result in them, found once."""
        items = self._by_id(
            "lineItems", "title", "categorySourcedId", "classSourcedId", "academicSessionSourcedId", "gradingPeriodSourcedId"
        )  # fmt: skip
        classes = self._by_id("classes", "schoolSourcedId", "courseSourcedId", "title", "grades")
        courses = self._by_id("courses", "courseCode", "title")
        categories, sessions = self._by_id("categories", "title"), self._by_id("academicSessions", "title")
        marks = frozenset(folded(title) for title in document()["course_marks"])

        @cache
        def said(item: str, lesson: str) -> SaidOfResult:
            title, category, lesson_of_item, term, period = items(item)
            if marks.isdisjoint(map(folded, (title, *categories(category)))):
                return SaidOfResult("assessment_result", {"assessment_title": title})
            lesson = lesson or lesson_of_item
            school, course, name, words = classes(lesson)
            code, called = courses(course)
            grades = list_items(words)
            values: Values = {"grade_level_when_course_taken": "", "grade_level_when_course_taken_source": ""}
            grade = grades[0] if len(grades) == 1 else ""
            self._code(values, "course_grade.grade_level_when_course_taken", grade, "grades")
            bits = sum(
                self._writer.faults.bit("course_grade", v) for v in values.values() if isinstance(v, RowFault)
            )
            return SaidOfResult("course_grade", {
                "organization_id": school, "course_identifier": code or course, "course_title": called or name,
                "course_section_identifier": lesson, "marking_period_name": sessions(term or period)[0],
                **{element: v if isinstance(v, str) else "" for element, v in values.items()},
            }, bits)  # fmt: skip

        return said

    def _by_id(self, name: str, *columns: str) -> Callable[[str], Sequence[str]]:
        """The cells of some columns by the row's id; blank where there is no such row."""
        rows = {id: cells for id, *cells in self.bundle.cells(name, "sourcedId", *columns)}
        blank = [""] * len(columns)
        return lambda id: rows.get(id, blank)

    def _elements(self, file: str, row: OneRosterRow, table: str) -> Values:
        """The elements of a table that a row's cells fill (`reads` in `maps/oneroster.yaml`); None for a cell that cannot be read."""
        values = row.unreadable_of(table)
        for column, path in document()["reads"][file]["cells"].items():
            of, _, element = path.partition(".")
            text = row.cells.get(column, "").strip()
            if of != table or not text:
                continue
            if TABLES[table].elements[element].type == "code":
                self._code(values, path, text, column)
            else:
                values[element] = text
        return values

    def _add(self, table: str, file: str, row: OneRosterRow, person: str, key: str, values: Values) -> None:
        self._writer.add(table, file=f"{file}.csv", row=row.number, person=person, key=key, values=values)

    def _code(self, values: Values, path: str, word: str, column: str) -> None:
        """Puts the code of a word and the word itself into a row's values; nothing where the word is blank. The
        element of a word that no map has cannot be read."""
        table, _, element = path.partition(".")
        word = word.strip()
        if not word:
            return
        values[f"{element}_source"] = word
        code = self._coder(table, element)(word)
        if code is None:
            values[element] = RowFault(element, column, *unmatched(TABLES[table].elements[element]), "cell")
        elif code:
            values[element] = code

    def _coder(self, table: str, element: str) -> Callable[[str], str | None]:
        found = self._coders.get((table, element))
        if found is None:
            described = TABLES[table].elements[element]
            own = document()["codes"].get(described.ceds_option_set, {})
            found = self._coders[table, element] = coder(described, self._crosswalk, own)
        return found
