"""What the files of Riverbend's partners fill: by partner, `table.element`, as their crosswalks say."""

from datetime import date
from importlib.resources import files
from string import Template

from throughway.demo.feeds import LOADS
from throughway.demo.simulate import paper_days
from throughway.intake.crosswalk import Crosswalk
from throughway.vocabulary import TABLES

# What the clearinghouse's return fills beside its crosswalk, whichever district sends it.
CLEARINGHOUSE = {
    "organization": "organization_id organization_name organization_identifier organization_type",
    "postsecondary_enrollment": (
        "organization_id organization_name entry_date_into_postsecondary enrollment_exit_date "
        "postsecondary_enrollment_status classification_of_instructional_program_code "
        "postsecondary_exit_or_withdrawal_type record_found search_date search_end_date"
    ),
    "credential": (
        "academic_award_date academic_award_title classification_of_instructional_program_code "
        "organization_id"
    ),
}


def crosswalk(name: str) -> str:
    text = files("throughway.demo").joinpath("papers", "crosswalks", name).read_text("utf-8")
    return Template(text).safe_substitute(paper_days(date.today()))


def _fills() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for partner, _, format, paper in LOADS:
        filled = found.setdefault(partner, set())
        if format == "nsc":
            filled |= {f"{table}.{e}" for table, elements in CLEARINGHOUSE.items() for e in elements.split()}
        elif paper is not None:
            for table, mapped in Crosswalk.read(crosswalk(paper)).tables.items():
                elements = set(mapped.with_melted(table).columns) & set(TABLES[table].elements)
                filled |= {f"{table}.{e}" for e in elements}
    return found


FILLS = _fills()
