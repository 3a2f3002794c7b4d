"""The rows of the measurement of reports: a district of `students` in kindergarten to grade 12 in each school year, with those who have left
it for college since. Made by the engine, landed as intake would land them, one file a table and school year."""

from dataclasses import dataclass
from datetime import date

PROGRAMS, SCHOOLS = 24, 90
KINDS = ("tutoring", "after_school", "mentoring", "food", "housing", "case_management", "sports", "arts")
GRADES = 13  # kindergarten, and 1 to 12
LEVELS = ("Standard Not Met", "Standard Nearly Met", "Standard Met", "Standard Exceeded")
Made = dict[str, str]  # column → SQL; `from`: where the rows come from


@dataclass(frozen=True)
class District:
    """`years`: so many school years, the last of them the one that `today` is in."""

    students: int
    years: int
    this_year: int
    today: date

    @property
    def school_years(self) -> range:
        return range(self.this_year - self.years + 1, self.this_year + 1)

    @property
    def people(self) -> int:
        """Everybody who was enrolled in one of the years: each year one grade leaves and one comes."""
        return self.students * self._classes // GRADES

    @property
    def _classes(self) -> int:
        return GRADES + self.years - 1

    def rows_of(self, year: int) -> dict[str, Made]:
        """By table, the rows of one school year."""
        rows = {**self._of_schools(year), **self._of_help(year), **self._after_school(year)}
        return rows | self._once() if year == self.this_year else rows

    def _people(self, first_class: int, last_class: int, *, times: int = 1, where: str = "TRUE") -> str:
        """Everybody of these graduation years, each so many times (`k.range`)."""
        every = f"SELECT range, {self.this_year - self.years + 1} + range % {self._classes} AS class FROM range({self.people})"
        return f"({every}) AS s, range({times}) AS k WHERE class BETWEEN {first_class} AND {last_class} AND {where}"

    def _enrolled(self, year: int, *, times: int = 1, where: str = "TRUE") -> str:
        return self._people(year, year + GRADES - 1, times=times, where=where)

    def _common(self, year: int) -> Made:
        return {
            "person_record": "s.range + 1", "batch_id": "'bench'", "record": f"(s.range * 16 + k.range) * 64 + {year % 64}"
        }  # fmt: skip

    def _span(self, year: int) -> int:
        """How many days of the school year have come."""
        return (min(self.today, date(year, 6, 15)) - date(year - 1, 9, 1)).days + 1

    def _of_schools(self, year: int) -> dict[str, Made]:
        common, first = self._common(year), _first(year)
        grade = f"CASE class - {year} WHEN 12 THEN 'KG' ELSE lpad(CAST(12 + {year} - class AS VARCHAR), 2, '0') END"
        leaves = f"class = {year} AND DATE '{self.today}' > DATE '{year}-06-15'"
        school = {"organization_id": f"'district-0/school-' || (s.range % {SCHOOLS})"}
        return {
            "school_enrollment": {**common, **school, "from": self._enrolled(year), "enrollment_entry_date": first, "entry_grade_level": grade, "school_year": f"'{year}'",
                                  "enrollment_exit_date": f"CASE WHEN {leaves} THEN DATE '{year}-06-15' END",
                                  "exit_or_withdrawal_type": f"CASE WHEN {leaves} THEN CASE WHEN {_draw(12, 0)} % 20 < 17 THEN '01921' ELSE '01927' END END"},
            "attendance_day": {**common, **school, "from": self._enrolled(year, times=10), "attendance_event_type": "'DailyAttendance'",
                               "attendance_event_date": f"{first} + CAST((k.range * 13 + s.range % 13) % {self._span(year)} AS INTEGER)",
                               "attendance_status": f"CASE WHEN {_draw(2, year)} % 20 < 7 THEN 'UnexcusedAbsence' ELSE 'Present' END"},
            "assessment_result": {**common, "from": self._enrolled(year, times=2), "assessment_identifier": "'SBAC'", "grade_level_when_assessed": grade,
                                  "assessment_academic_subject": "CASE k.range WHEN 0 THEN '13373' ELSE '01166' END", "assessment_administration_start_date": f"{first} + 30",
                                  "assessment_performance_level_label": _one_of(LEVELS, f"hash(s.range * 3 + k.range + {year})")},
        }  # fmt: skip

    def _of_help(self, year: int) -> dict[str, Made]:
        common, first, span = self._common(year), _first(year), self._span(year)
        stays = f"{_draw(4, year)} % 4 > 0"
        return {
            "program_participation": {**common, "from": self._enrolled(year, times=2, where=f"{_draw(3, year)} % 10 < 4"), "school_year": f"'{year}'",
                                      "program_identifier": f"'district-0/p' || (hash(s.range * 7 + k.range + {year}) % {PROGRAMS})",
                                      "program_participation_start_date": f"CASE WHEN {stays} THEN {first} + CAST({_draw(5, year)} % 60 AS INTEGER) END",
                                      "program_participation_exit_date": f"CASE WHEN {stays} THEN {first} + CAST(60 + {_draw(6, year)} % 100 AS INTEGER) END",
                                      "program_participation_status": f"CASE WHEN {stays} THEN 'Exited' ELSE 'WaitingList' END",
                                      "program_application_date": f"{first} - 60 + CAST({_draw(13, year)} % 120 AS INTEGER)"},
            "service_received": {**common, "from": self._enrolled(year, times=10, where=f"{_draw(3, year)} % 10 < 4"), "program_identifier": f"'district-0/p' || ({_draw(1, year)} % {PROGRAMS})",
                                 "service_date": f"{first} + CAST(k.range * 12 % {span} AS INTEGER)", "service_quantity": "45", "service_quantity_unit": "'minute'"},
            "referral": {**common, "from": self._enrolled(year, where=f"{_draw(8, year)} % 20 = 0"), "referral_date": f"{first} + CAST({_draw(9, year)} % {span} AS INTEGER)",
                         "referral_reason": _one_of(("Food", "Housing", "Counseling"), _draw(10, year)),
                         "referral_status": _one_of(("sent", "accepted", "declined"), _draw(11, year)),
                         "referral_outcome": f"CASE {_draw(11, year)} % 3 WHEN 1 THEN 'WaitingList' WHEN 2 THEN 'LanguageNotOffered' END"},
        }  # fmt: skip

    def _after_school(self, year: int) -> dict[str, Made]:
        """Two of three graduates are in college for up to four years, and one of three has an award at the end."""
        common = self._common(year)
        goes, ends = f"{_draw(14, 0)} % 3 > 0", f"{_draw(15, 0)} % 2 = 0"
        return {
            "postsecondary_enrollment": {**common, "from": self._people(year - 4, year - 1, where=goes), "entry_date_into_postsecondary": _first(year), "record_found": "TRUE",
                                         "search_date": f"DATE '{year - 2}-01-01'", "search_end_date": f"DATE '{self.today}'"},
            "credential": {**common, "from": self._people(year - 4, year - 4, where=f"{goes} AND {ends}"), "academic_award_date": f"DATE '{year}-06-10'"},
        }  # fmt: skip

    def _once(self) -> dict[str, Made]:
        every = {
            "from": self._people(0, 9999),
            "person_record": "s.range + 1",
            "record": "s.range + 1",
            "batch_id": "'bench'",
        }
        return {
            "program": {"from": f"range({PROGRAMS}) AS s", "record": "s.range + 1", "batch_id": "'bench'", "program_identifier": "'district-0/p' || s.range",
                        "program_name": "'Program ' || s.range", "program_subtype": _one_of(KINDS, "s.range"),
                        "organization_id": "'district-0/provider-' || (s.range % 9)"},
            "organization": {"from": f"range({SCHOOLS}) AS s", "record": "1000 + s.range", "batch_id": "'bench'",
                             "organization_id": "'district-0/school-' || s.range", "organization_name": "'School ' || s.range"},
            "person_language": {**every, "iso_639_2_language_code": "CASE WHEN s.range % 4 = 0 THEN 'spa' ELSE 'eng' END"},
            "person_race": {**every, "race": _one_of(("White", "White", "White", "BlackOrAfricanAmerican", "BlackOrAfricanAmerican", "Asian"), _draw(16, 0)),
                            "hispanic_or_latino_ethnicity": f"{_draw(17, 0)} % 4 = 0"},
            "person_status": {**every, "english_learner_status": f"CASE {_draw(18, 0)} % 9 WHEN 0 THEN 'Yes' ELSE 'No' END",
                              "economic_disadvantage_status": f"CASE {_draw(19, 0)} % 2 WHEN 0 THEN 'Yes' ELSE 'No' END"},
        }  # fmt: skip


def _first(year: int) -> str:
    return f"DATE '{year - 1}-09-01'"


def _draw(salt: int, year: int) -> str:
    """A number of a student that looks drawn by chance; in every year the same if `year` is 0."""
    return f"hash(s.range * 7 + {salt} + {year} * 1000003)"


def _one_of(words: tuple[str, ...], number: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"list_extract([{listed}], CAST({number} % {len(words)} AS INTEGER) + 1)"
