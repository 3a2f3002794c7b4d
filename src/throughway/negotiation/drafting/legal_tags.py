"""The tags of the laws that restrict an element, in words for those who choose it; sources in the words themselves."""

from collections.abc import Iterable, Mapping

from throughway.vocabulary import RESTRICTING_TAGS

# tag → what it is called beside an element, and why the element is named by itself.
WORDS: Mapping[str, tuple[str, str]] = {
    "NSLP": (
        "school meals",
        "Who receives school meals may be told only to those directly connected with the meal programs or a few others that the "
        "law names; a program outside needs the family’s consent (42 U.S.C. 1758(b)(6)).",
    ),
    "IDEA": (
        "special education",
        "Disability and individual education programs have rules of confidentiality of their own (34 CFR 300.610 to 300.627).",
    ),
    "MV": (
        "homelessness",
        "A student’s living situation is an education record and never directory information (42 U.S.C. 11432(g)(3)(G)).",
    ),
    "FOSTER": (
        "foster care",
        "Placement in care is confidential under State child-welfare law beside FERPA (20 U.S.C. 1232g(b)(1)(L)).",
    ),
    "HMIS": (
        "housing services",
        "Providers for victims are told not to disclose who they serve (42 U.S.C. 11363), and each system has its own notice.",
    ),
    "HIPAA": ("health", "A clinic’s notes are under health privacy law, with an authorization of its own (45 CFR 164.508)."),
    "P2": ("substance use treatment", "Only with a written consent that names the receiver (42 CFR 2.31)."),
    "PPRA": (
        "protected survey topics",
        "Surveys on eight topics need a parent’s consent, or notice with a way to opt out (20 U.S.C. 1232h).",
    ),
    "COPPA": ("collected online under 13", "Needs verifiable consent of a parent (15 U.S.C. 6502(b))."),
    "AID": ("financial aid", "What a student put into an aid application is for aid alone (34 CFR 99.31(a)(4))."),
    "UI": ("wages", "Wage records are confidential and come from the State under its own agreement (20 CFR part 603)."),
    "EARLY": ("early childhood", "Head Start and early intervention have privacy rules of their own (45 CFR part 1303)."),
    "STATE": ("State law", "A rule of this State restricts it."),
    "name_only": (
        "named one by one",
        "Free text, or a fact that can harm: our own rule never takes it along with a table.",
    ),
}  # fmt: skip
# Tags that restrict nothing, and that a reader should know of.
QUIET: Mapping[str, str] = {
    "identifier": "tells who it is",
    "quasi_identifier": "can help to tell who it is",
    "directory": "can be directory information",
    "discipline": "discipline",
}


def restricting(tags: Iterable[str]) -> list[str]:
    return sorted(tag for tag in tags if tag in RESTRICTING_TAGS)


def called(tag: str) -> str:
    """What a tag is called beside an element."""
    return WORDS[tag][0] if tag in WORDS else QUIET.get(tag, tag)


def reason(tag: str) -> str:
    """Why an element under a restricting tag is named by itself."""
    return WORDS[tag][1]
