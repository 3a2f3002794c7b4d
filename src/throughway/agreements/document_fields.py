"""Each field of a document: its name for people, its question in a form, and its kind of value."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from throughway.agreements.document_paths import Path, pattern
from throughway.agreements.enums import Basis
from throughway.core.prose import capital


class FieldKind(StrEnum):
    """The kind of value of a field; sentences and form controls depend on it."""

    TEXT = "text"  # a line
    WORDS = "words"  # paragraphs
    TEXTS = "texts"  # several lines
    ID = "short name"
    DAY = "day"
    NUMBER = "number"
    HOURS = "hours"  # a number that may have decimals
    YES_NO = "yes or no"
    PARTNER = "partner"
    PARTY = "party"
    GIVER = "party that gives records"
    GIVERS = "parties that give records"
    READERS = "parties that receive or keep records"
    PARTIES = "parties"
    AGREEMENTS = "agreements"
    PURPOSES = "purposes"
    ROLES = "roles"  # of users
    PARTY_ROLES = "roles of a party"
    PARTNER_KINDS = "kinds of partner"
    COURSES = "courses"
    ELEMENT = "element"
    TABLE = "table"
    TYPED_TABLE = "table that people type"
    CAPACITY = "capacity"
    TRANSFORM = "transform"
    REACH = "reach"
    FORM = "form"
    BASIS = "basis"
    AIM = "aim"  # of a study
    PURPOSE_KIND = "kind of purpose"
    TIER = "tier"
    WHEN = "when"
    ELECTION = "election"
    PUBLICATION_RULE = "rule for percentages"
    RELEASE_APPROVAL = "who agrees to a publication"
    PROHIBITED = "what is never allowed"
    SECTION = "section"


@dataclass(frozen=True)
class Field:
    """`label` follows the name of its entry, or is used alone. `optional`: the document may leave it out; then it means `default`.

    `question` and `help` ask for it in a form; without a question the label is used. `least` and `most` bound a number.
    """

    label: str
    kind: FieldKind
    optional: bool = False
    question: str = ""
    help: str = ""
    default: str = ""
    least: int = 0
    most: int = 1_000_000

    @property
    def asks(self) -> str:
        """The question in a form."""
        return self.question or capital(self.label)


EVERY_GIVER = "If none is chosen: of everyone who gives records."
LONGEST_TIME = 36_525  # days


K = FieldKind
FIELDS: Mapping[str, Field] = {
    "throughway": Field("Format", K.TEXT),
    "id": Field(
        "Short name of the agreement", K.ID,
        question="Short name", help="For files and commands: lowercase letters, digits and hyphens, such as "
            "oak-casework-2026.",
    ),
    "title": Field("Title", K.TEXT, help="What it is about, in one line that everyone understands."),
    "tier": Field("Tier", K.TIER, question="What kind of agreement it is"),
    "under": Field(
        "Wider agreements above it", K.AGREEMENTS, True,
        question="The agreement that it is under", help="It shares nothing that these do not share. A use license "
            "names at least one.",
    ),
    "joinder.open_to": Field(
        "Who may join by signing the same text", K.PARTNER_KINDS, True,
        question="Who may join later, by signing the same text", help="Leave empty if no other partner may "
            "join.",
    ),
    "precedence": Field(
        "Which text holds where two conflict", K.TEXTS, True,
        question="Where texts conflict, which one holds?", help="One per line, the strongest first, such "
            "as: State exhibit.",
    ),
    "parties[].partner": Field("partner", K.PARTNER),
    "parties[].roles": Field("what it does", K.PARTY_ROLES, True, question="What it does here"),
    "parties[].signatory": Field("who signs", K.SECTION, True),
    "parties[].signatory.title": Field(
        "office that signs", K.TEXT,
        question="Which office signs?", help="An office, not a name, such as Superintendent.",
    ),
    "parties[].signatory.authority": Field(
        "authority to sign", K.TEXT,
        question="What gives it the authority?", help="Such as Board policy 1450.",
    ),
    "parties[].contacts": Field("offices to write to", K.SECTION, True),
    "parties[].contacts.notices": Field(
        "office for notices", K.TEXT, True,
        question="Which office receives notices?", help="These three may be left empty.",
    ),
    "parties[].contacts.data": Field("office for data", K.TEXT, True, question="Which office answers for the data?"),
    "parties[].contacts.security": Field("office for security", K.TEXT, True, question="Which office answers for security?"),
    "purposes[].id": Field(
        "short name", K.ID,
        question="A short name for it",
        help="Readers state it, so it must mean one thing in the community: lowercase letters, digits, "
            "hyphens.",
    ),
    "purposes[].kind": Field("kind of purpose", K.PURPOSE_KIND, question="What kind of work it is"),
    "purposes[].serves": Field(
        "where a match shows", K.PURPOSES, True,
        question="If it matches records: where may a match be seen?",
        help="For matching only. If none is chosen: under every purpose of this agreement.",
    ),
    "purposes[].joins": Field(
        "purposes with the same codes", K.PURPOSES, True,
        question="If it shows records under codes: which purposes show the same codes?",
        help="Whoever reads both can put them side by side, student by student. If none is chosen: its codes are its own.",
    ),
    "purposes[].from": Field("whose records", K.GIVERS, True, help=EVERY_GIVER),
    "purposes[].recipients": Field(
        "who receives", K.READERS, True,
        question="Who reads them", help="If none is chosen: everyone who receives records.",
    ),
    "purposes[].roles": Field("roles that read", K.ROLES, True, question="In which roles", help="Nobody else reads."),
    "purposes[].reach": Field("about which students", K.REACH, True),
    "purposes[].interest": Field(
        "what it is for", K.WORDS,
        question="What are the records needed for?", help="The ledger records this interest with each "
            "reading.",
    ),
    "purposes[].basis": Field("by what right", K.BASIS),
    "purposes[].form": Field("in what form", K.FORM),
    "purposes[].training": Field(
        "training of those who read", K.COURSES, True,
        question="Which courses must they have passed?", help="One per line, besides those that the rules ask of every reader.",
    ),
    "custody[].from": Field("whose records", K.GIVERS, True, help=EVERY_GIVER),
    "custody[].basis": Field("by what right", K.BASIS),
    "schedule[].element": Field("element", K.ELEMENT),
    "schedule[].from": Field(
        "whose records", K.GIVERS, True,
        question="Of whose records", help="If none is chosen: of everyone who gives records for it.",
    ),
    "schedule[].purposes": Field("for what", K.PURPOSES),
    "schedule[].necessity": Field(
        "why it is necessary", K.WORDS, True,
        question="Why can’t the purpose be met without it?",
        help="Signers read this next to the element. Only what is necessary may be shared.",
    ),
    "schedule[].transform": Field("how it is shown", K.TRANSFORM, True, default="none"),
    "writes[].table": Field("what is typed", K.TYPED_TABLE, question="What may people type about a student?"),
    "writes[].purposes": Field("for what", K.PURPOSES),
    "writes[].by": Field(
        "whose people type", K.READERS, True,
        question="Whose people type it?",
        help="They read what their own organization typed. Anybody else reads it by the schedule. If none is chosen: the people of "
            "everyone who reads for the purpose.",
    ),
    "writes[].roles": Field(
        "roles that type", K.ROLES, True, question="In which roles", help="If none is chosen: in the roles that read.",
    ),
    "writes[].capacity": Field(
        "whose record it becomes", K.CAPACITY, True, question="Whose record does it become?", default="own_program",
    ),
    "writes[].for": Field(
        "district of the school official", K.GIVER, True, question="If they type as school officials: of which district?",
    ),
    "writes[].necessity": Field(
        "why it is necessary", K.WORDS, True, question="Why can’t the purpose be met without it?",
    ),
    "population[].from": Field("whose students", K.GIVERS, True, question="Of whose students", help=EVERY_GIVER),
    "population[].where": Field("which students", K.TEXT),
    "population[].on": Field("records that decide it", K.TABLE, question="On which records"),
    "population[].when": Field("on which day", K.WHEN, True, question="On which day must that be so", default="fact"),
    "records.from": Field("First day of facts", K.DAY, True, question="Only facts from this day or later", help="Empty: no limit."),
    "records.to": Field("Last day of facts", K.DAY, True, question="Only facts up to this day", help="Empty: no limit."),
    "onward[].party": Field("who receives it next", K.TEXT, question="Who"),
    "onward[].interest": Field("what for", K.TEXT, question="For what"),
    "onward[].basis": Field("by what right", K.TEXT),
    "services[].partner": Field("partner", K.PARTY, question="Who provides it"),
    "services[].program": Field("program", K.TEXT, question="Which program"),
    "services[].schools": Field("schools", K.TEXTS, True, question="At which schools", help="One a line."),
    "services[].seats": Field("seats", K.NUMBER, True, question="How many seats"),
    "services[].hours_per_week": Field("hours a week", K.HOURS, True, question="How many hours a week", most=168),
    "terms.effective": Field("First day", K.DAY),
    "terms.expires": Field("Last day", K.DAY),
    "terms.minimum_cell": Field(
        "Smallest count that may be published", K.NUMBER,
        question="Below how many people is a published count withheld?", help="Most States ask for 10 or "
            "more.", least=1,
    ),
    "terms.training": Field(
        "Training of those who read", K.COURSES,
        question="Which courses must a reader have passed?", help="One per line, such as ferpa-basics. "
            "Empty: none.",
    ),
    "terms.destruction.within_days": Field(
        "Days until what was shared is destroyed", K.NUMBER,
        question="Within how many days after the end is what was shared destroyed or returned?", most=LONGEST_TIME,
    ),
    "terms.destruction.method": Field(
        "How it is destroyed", K.TEXT,
        question="How is it destroyed?", help="Such as NIST SP 800-88 purge.",
    ),
    "terms.destruction.election": Field(
        "What becomes of the records at the end", K.ELECTION, True,
        question="What happens to it at the end", default="destroy",
    ),
    "terms.renewal_notice_days": Field(
        "Days before the end on which renewal is raised", K.NUMBER, True,
        question="How many days before the end is renewal raised?", most=LONGEST_TIME,
    ),
    "terms.exit_notice_days": Field(
        "Days of notice to leave", K.NUMBER, True,
        question="With how many days’ notice may a party leave?", most=LONGEST_TIME,
    ),
    "terms.ended_by": Field(
        "Parties each of which may end it for all", K.PARTIES, True,
        question="Which parties may each end it for all?",
        help="Where there are three or more. If none is chosen, one party alone leaves, and all together end it.",
    ),
    "terms.breach_notice_hours": Field(
        "Hours within which a breach is reported", K.NUMBER, True,
        question="Within how many hours is a breach reported?",
    ),
    "terms.storage_country": Field(
        "Country where the data stays", K.TEXT, True,
        question="In which country does the data stay?", help="Such as US.",
    ),
    "terms.publication_rule": Field(
        "Rule for published percentages", K.PUBLICATION_RULE, True,
        question="How are percentages coded in publications?",
        help="A rule gives ranges such as 21–29% in place of a percentage. A State’s own smallest count is the one above.",
    ),
    "terms.publication_review_days": Field(
        "Days partners see a publication before", K.NUMBER, True,
        question="How many days before it appears do partners see a publication?", most=LONGEST_TIME,
    ),
    "terms.release_approval": Field(
        "Who agrees to a publication", K.RELEASE_APPROVAL, True,
        question="Who must agree before a publication appears?",
    ),
    "terms.prohibited": Field("Never allowed", K.PROHIBITED, True, question="What must never be done with it"),
    "terms.subprocessors[].name": Field("name", K.TEXT),
    "terms.subprocessors[].service": Field("service", K.TEXT),
    "terms.delivery[].from": Field("who delivers", K.PARTY),
    "terms.delivery[].what": Field("what is delivered", K.TEXT),
    "terms.delivery[].every": Field("how often", K.TEXT),
    "terms.delivery[].format": Field("format", K.TEXT),
    "project": Field("The project", K.SECTION, True),
    "project.method": Field("How the project works", K.WORDS, question="How does the project work, step by step?"),
    "project.irb": Field("Review board", K.SECTION, True),
    "project.irb.number": Field(
        "Number of the review board’s approval", K.TEXT,
        question="Which number did the review board give?", help="Empty where it has none.",
    ),
    "project.irb.expires": Field(
        "Last day of the review board’s approval", K.TEXT,
        question="On which day does its approval end?",
    ),
    "project.linked_data": Field(
        "Data that the project links", K.TEXTS, True,
        question="Which other data is it joined with?", help="One per line. Empty: none.",
    ),
}  # fmt: skip


def _detail(question: str, kind: FieldKind = K.WORDS, help: str = "") -> Field:
    return Field(question, kind, True, help=help)


# Fields of `basis_details` for each basis; `a.b` is the part b of the detail a.
BASIS_DETAILS: Mapping[Basis, Mapping[str, Field]] = {
    Basis.CONSENT: {},
    Basis.SCHOOL_OFFICIAL: {
        "function": _detail("Which task does the recipient perform that the school’s own employees would "
            "otherwise perform?"),
        "direct_control": _detail("The school directly controls how the records are used and kept.", K.YES_NO),
        "annual_notice_criteria": _detail("Where does the school’s annual notice say who is a school official?", help="Such as: Annual notice 2026, section 3"),
    },
    Basis.STUDY: {
        "purpose": _detail("What does the study want to find out?"),
        "scope": _detail("Which students, schools and years does it cover?"),
        "duration": _detail("When does it begin and end?"),
        "aim": _detail("Which of the three lawful aims does it have?", K.AIM),
        "on_behalf_of": _detail("For which discloser is it made?", K.GIVER),
    },
    Basis.AUDIT_EVALUATION: {
        "representative": _detail("Who is designated as the authority’s representative?", K.PARTY),
        "program": _detail("Which Federal- or State-supported education program is audited or evaluated?"),
        "program_owner": _detail("Whose program is it?", K.PARTY),
        "activity": _detail("What is done, and how are the records used in it?", help="Say enough for a "
            "reader to see that it is an audit or evaluation."),
    },
    Basis.DIRECTORY: {
        "notice": _detail("Which public notice named the items?"),
        "items": _detail("Which items does it name?", help="Such as: name, grade level, activities"),
    },
    Basis.CHILD_WELFARE: {
        "evidence_of_placement": _detail("What shows that a student is placed in care?"),
        "agency_responsible": _detail("Which agency is legally responsible for the student?"),
    },
    Basis.EMERGENCY: {
        "threat": _detail("What is the articulable and significant threat?"),
        "determined_by": _detail("Which office determined it?"),
        "determined_on": _detail("On which day?", K.DAY),
    },
    Basis.TRANSFER: {
        "initiated_by": _detail("Who asks for the transfer?"),
        "notice": _detail("Or which annual notice says that records are forwarded?"),
    },
    Basis.FINANCIAL_AID: {"aid": _detail("Which aid did the student apply for or receive?")},
    Basis.DEIDENTIFIED: {
        "determination.by": _detail("Which office determined that nobody can be recognized?"),
        "determination.on": _detail("On which day?", K.DAY),
        "determination.method": _detail("By which method?"),
    },
    Basis.PARTNER_RECORDS: {
        "regime": _detail("Which rules bind these records?", help="Such as: the program’s own records and its promise to families"),
        "authority": _detail("What lets the partner share them?", help="Such as: Enrollment form, part 3"),
    },
    Basis.OTHER_LAW: {
        "citation": _detail("Which law allows it?"),
        "reason": _detail("Why does that law apply?"),
    },
}  # fmt: skip
# The required content of each clause, as a question to its authors.
CLAUSES: Mapping[str, str] = {
    "use_only_for_purpose": "What may the recipient do with the records, and nothing else?",
    "no_redisclosure": "Who may receive them next?",
    "no_identification": "Who may see who a student is?",
    "destroy_when_no_longer_needed": "When are they destroyed, and who certifies it?",
    "protect_from_further_disclosure": "Which policies and habits protect them?",
    "reasonable_methods": "How does the discloser make sure that all this is followed?",
    "breach_notice": "Who is notified of a breach, and how soon?",
    "right_to_audit": "Who may look at how the records are kept?",
    "no_reidentification": "What applies to records under codes?",
    "termination": "How does the agreement end, and what follows from a breach of it?",
    "substance_use_notice": "Of records of substance-use treatment: which notice goes with each disclosure (42 CFR 2.32)?",
}


def field_at(path: Path) -> Field:
    """The field at a path; a text field for details of a basis and for clauses, which have free names."""
    known = FIELDS.get(pattern(path))
    if known is not None:
        return known
    name = str(path[-1]).replace("_", " ")
    if path[0] == "clauses":
        return Field(capital(name), FieldKind.WORDS, True, help=CLAUSES.get(str(path[-1]), ""))
    return Field(name, FieldKind.TEXT, True)
