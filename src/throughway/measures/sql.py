"""SQL fragments that the measures share, made for the columns that a purpose shows. Values are the program's own constants and dates,
never a reader's text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from throughway.vocabulary.school_calendar import year_end as year_end
from throughway.vocabulary.school_calendar import year_start as year_start


@dataclass(frozen=True)
class VisibleData:
    """`tables[table][partner]` is the set of columns that the partner's agreements show under the purpose."""

    tables: Mapping[str, Mapping[str, frozenset[str]]]

    def partners(self, table: str, *columns: str) -> tuple[str, ...]:
        """The partners that show all of these columns of the table."""
        shown = self.tables.get(table, {})
        return tuple(sorted(partner for partner, have in shown.items() if set(columns) <= have))

    def shows(self, table: str, *columns: str) -> bool:
        """Whether any partner shows all of these columns."""
        return bool(self.partners(table, *columns))

    def column(self, table: str, column: str, type: str = "VARCHAR") -> str:
        """The column as SQL, or an empty one where no partner shows it."""
        return column if self.shows(table, column) else f"CAST(NULL AS {type})"


# Required by every measure: a table and its columns.
ENROLLED = ("school_enrollment", "organization_id", "enrollment_entry_date", "entry_grade_level")
Ctes = dict[str, str]  # name → SELECT, in order


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A list for IN; never empty."""
    return "(" + ", ".join(map(text, values)) + ")"


def day(value: date) -> str:
    return f"DATE '{value.isoformat()}'"


def like(column: str, patterns: Iterable[str]) -> str:
    return "(" + " OR ".join(f"{column} ILIKE {text(pattern)}" for pattern in patterns) + ")"


def school_year(column: str) -> str:
    """SQL: the ending year of the school year that contains a day."""
    return f"(EXTRACT(year FROM {column}) + CASE WHEN EXTRACT(month FROM {column}) >= 7 THEN 1 ELSE 0 END)"


def in_year(column: str, year: int) -> str:
    """SQL: whether a day is in the school year."""
    return f"{column} BETWEEN {day(year_start(year))} AND {day(year_end(year))}"


def partner_of(column: str, partners: Iterable[str]) -> str:
    """The partner in an organization's id, which is written `partner/key`."""
    cases = " ".join(
        f"WHEN {column} LIKE {text(partner + '/%')} THEN {text(partner)}" for partner in partners
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def within(partner: str, partners: Iterable[str]) -> str:
    """SQL: the partner is one of these; false where the list is empty."""
    partners = tuple(partners)
    return f"{partner} IN {texts(partners)}" if partners else "FALSE"


def shown_by(partner: str, partners: Iterable[str]) -> str:
    """SQL: the partner is one of these, or the record does not name one; false where the list is empty."""
    partners = tuple(partners)
    return f"({within(partner, partners)} OR {partner} IS NULL)" if partners else "FALSE"


def last_complete_year(on: date) -> int:
    """The ending year of the latest school year that had ended by that day."""
    return on.year if on > year_end(on.year) else on.year - 1


def spells(visible: VisibleData) -> Ctes:
    """`spell`: enrollments in schools, one row each, with their school year (empty: known only from the dates)."""
    t = "school_enrollment"
    integer = "TRY_CAST({} AS INTEGER)".format
    return {
        "spell": f"""
            SELECT person_id, organization_id, {partner_of("organization_id", visible.partners(t))} AS partner,
              {integer(visible.column(t, "school_year"))} AS stated,
              COALESCE({integer(visible.column(t, "school_year"))}, {school_year("enrollment_entry_date")}) AS year,
              enrollment_entry_date AS start, {visible.column(t, "enrollment_exit_date", "DATE")} AS finish,
              entry_grade_level AS grade, {visible.column(t, "exit_or_withdrawal_type")} AS exit,
              {integer(visible.column(t, "cohort_graduation_year"))} AS graduation_year,
              {integer(visible.column(t, "cohort_year"))} AS cohort_year
            FROM school_enrollment"""
    }


def stays(year: int, until: date, *, grade: str | None = None) -> Ctes:
    """`stay`: the part of each spell (in one grade) within one school year, up to a day; `home`: each student's last one."""
    of_grade = f" AND grade = {text(grade)}" if grade else ""
    first, last = day(year_start(year)), day(min(year_end(year), until))
    return {
        "stay": f"""
            SELECT person_id, organization_id, partner, grade,
              CASE WHEN start > {first} THEN start ELSE {first} END AS start,
              CASE WHEN finish < {last} THEN finish ELSE {last} END AS finish
            FROM spell
            WHERE COALESCE(start, {first}) <= {last} AND COALESCE(finish, {last}) >= {first}
              AND (stated = {year} OR stated IS NULL){of_grade}""",
        "home": """
            SELECT person_id, organization_id, partner FROM (
              SELECT person_id, organization_id, partner,
                ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY finish DESC, start DESC, organization_id) AS place
              FROM stay) AS placed
            WHERE place = 1""",
    }


def with_last(ctes: Ctes) -> tuple[Ctes, str]:
    """All but the last, and the last, which is the answer."""
    *parts, (_, last) = ctes.items()
    return dict(parts), last


def query(ctes: Ctes, select: str) -> str:
    """One SELECT with its CTEs."""
    named = ",\n".join(f"{name} AS ({body})" for name, body in ctes.items())
    return f"WITH {named}\n{select}" if named else select
