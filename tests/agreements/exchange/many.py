"""Documents of all shapes, for what must hold of each."""

from typing import Any

from hypothesis import strategies as st

from tests.agreements.documents import CASEWORK, changed, document_of
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import ScheduleLine
from throughway.vocabulary import TABLES

LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=("Cc", "Cf"))
WORDS = st.text(LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool)
ELEMENTS = [e.path for table in TABLES.values() for e in table.elements.values()] + [f"{t}.*" for t in TABLES]
TRANSFORMS = ["none", "year", "band:5", "mask", "pseudonym", "suppress"]
GIVERS = ["riverbend-schools", "bright-futures"]


def lines() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Schedules: named lines and wildcards, of all or some disclosers, under one purpose or several, also unknown ones."""
    line = st.fixed_dictionaries(
        {
            "element": st.sampled_from([*ELEMENTS, "person.shoe_size", "shoes.*"]),
            "purposes": st.lists(
                st.sampled_from(["casework", "match-records", "nothing"]), min_size=1, unique=True
            ),
        },
        optional={
            "from": st.lists(st.sampled_from([*GIVERS, "riverbend-backbone"]), min_size=1, unique=True),
            "necessity": WORDS,
            "transform": st.sampled_from(TRANSFORMS),
        },
    )
    return st.lists(line, max_size=12)


def documents() -> st.SearchStrategy[AgreementDocument]:
    """The casework agreement with other words, schedules and terms."""
    return st.builds(
        lambda schedule, title, never, clause, reach, begins: document_of(
            changed(
                CASEWORK,
                ("schedule", schedule),
                ("title", title),
                ("terms.prohibited", never),
                ("clauses.termination", clause),
                ("purposes.0.reach", reach),
                ("terms.effective", begins),
            )
        ),
        lines(),
        WORDS,
        st.lists(WORDS | st.sampled_from(["sale", "advertising"]), max_size=3),
        WORDS,
        st.sampled_from(["all", "roster", "caseload"]),
        st.dates().map(lambda day: day.isoformat()),
    )


def meant(line: ScheduleLine) -> tuple[object, ...]:
    return (line.element, line.from_, line.purposes, line.necessity, line.transform)
