"""The truth table of the review: for every rule that a document can pass or fail, what is changed for it to fail."""

from dataclasses import replace
from typing import Any

from tests.agreements.documents import ABSENT
from tests.agreements.rules.making import BAR, DETAILS, DETERMINED, HOUSED, Change, Pair, line, party, purpose

D, W, A = "blocking", "warning", "advice"
BD = "purposes.0.basis_details"
AT = "purposes[0].basis_details"
OFFICIAL, AUDIT, OWN = "school_official", "audit_evaluation", "partner_records"


def one(rule: str, severity: str, base: str, element: str, *change: Change, **more: Any) -> Pair:
    return Pair(rule, severity, base, change, element, **more)


def lacks(rule: str, base: str, key: str, **more: Any) -> Pair:
    """A detail of the basis is left out."""
    return one(rule, D, base, f"{AT}.{key}", (f"{BD}.{key}", ABSENT), **more)


def unwritten(rule: str, severity: str, base: str, clause: str, **more: Any) -> Pair:
    return one(rule, severity, base, f"clauses.{clause}", (f"clauses.{clause}", ""), **more)


def shown(
    rule: str, severity: str, base: str, element: str, change: str = "schedule[1].element", **more: Any
) -> Pair:
    """One more line shows a protected element."""
    return one(rule, severity, base, change, ("schedule.1", line(element)), **more)


# A second purpose under codes, another that shows figures alone, and what students wrote.
CODED_TWICE = (
    ("purposes.1", purpose("study", id="again", interest="Learn it once more")),
    ("schedule.0.purposes", ["look", "again"]),
)
COUNTED = (
    ("purposes.2", purpose("study", id="list", form="aggregate")),
    ("schedule.0.purposes", ["look", "again", "list"]),
)
COMMENTED = ("schedule.1", line("survey_response.response_comment", "look"))
NOBODY = frozenset({"G12"})  # an emergency is always looked at
# A service whose own law protects its clients, and which gives under their consent.
CLINIC, TREATMENT, SHELTER, HEAD_START = (
    (("parties.0.partner", id),) for id in ("clinic", "recovery-house", "safe-house", "first-steps")
)
NOTICE = (
    (
        "clauses.substance_use_notice",
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
    ),
)
BY_PROMISE = (("purposes.0.basis", OWN), ("purposes.0.basis_details", DETAILS[OWN]))
CLIENT = frozenset({"H8"})  # at such a service the client decides

WRITING = {
    "table": "contact_note",
    "purposes": ["look"],
    "by": ["bright-futures"],
    "necessity": "The team must know who called",
}
# A program that types about its own students, and one that types as a school official.
TYPING = (
    ("parties.0.roles", ["discloser", "recipient"]),
    ("purposes.0.recipients", ["bright-futures"]),
    ("writes", [WRITING]),
)
TYPING_FOR_SCHOOL = (("writes", [{**WRITING, "capacity": "school_official", "for": "riverbend-schools"}]),)

PAIRS: tuple[Pair, ...] = (
    # ----- consent
    one("N2", W, "consent", "purposes[0].interest", ("purposes.0.interest", "Help")),
    one("N3", W, "consent", "purposes[0].recipients", ("joinder", {"open_to": ["cbo"]}),
        given=(("purposes.0.recipients", ABSENT),)),
    # ----- school officials
    lacks("O1", OFFICIAL, "function"), lacks("O4", OFFICIAL, "annual_notice_criteria"), lacks("O2", OFFICIAL, "direct_control"),
    one("O2", D, OFFICIAL, f"{AT}.direct_control", (f"{BD}.direct_control", False)),
    unwritten("O3", D, OFFICIAL, "no_redisclosure"),
    one("O5", D, OFFICIAL, "purposes[0].roles", ("purposes.0.roles", [])),
    one("O5", D, OFFICIAL, "purposes[0].reach", ("purposes.0.reach", ABSENT)),
    one("G19", D, OFFICIAL, "purposes[0].reach", ("purposes.0.reach", "all")),
    one("G19", W, "consent", "purposes[0].reach", ("purposes.0.reach", "all")),
    one("G3", W, OFFICIAL, "purposes[0].recipients", ("purposes.0.recipients", ["bright-futures", "second-program"]),
        given=(("parties.2", party("second-program", "recipient")),)),
    one("G3", W, "consent", "onward[0].basis", ("onward", [{"party": "City", "interest": "x", "basis": "school_official"}])),
    # ----- studies
    lacks("S1", "study", "purpose"), lacks("S2", "study", "scope"), lacks("S3", "study", "duration"),
    one("S2", W, "study", f"{AT}.scope", (f"{BD}.scope", "Grades 1 to 3")),
    one("S2", W, "study", f"{AT}.scope", (f"{BD}.scope", "Students in grades 1, 2 and 3"),
        given=(("population", [{"where": "entry_grade_level IN ('01', '02', '03', '04')", "on": "school_enrollment"}]),)),
    one("S2", W, "study", f"{AT}.scope", (f"{BD}.scope", "School years 2024 to 2027"), given=(("records", {"from": "2020-07-01"}),)),
    one("S2", W, "license", f"{AT}.scope", (f"{BD}.scope", "Grade 3 in the school year that ended in 2026"),
        given=(("records", {"from": "2025-07-01"}),),
        wider=(("records", {"from": "2025-07-01"}), ("population", [{"where": "entry_grade_level IN ('03', '04')", "on": "school_enrollment"}]))),
    one("S4", D, "study", "schedule", ("schedule", ABSENT)),
    one("S4", D, "study", "schedule", ("schedule", [line("attendance_day.attendance_status", "other")]),
        given=(("purposes.1", purpose("study", id="other")), ("schedule.0.purposes", ["look", "other"]))),
    unwritten("S5", D, "study", "use_only_for_purpose"), unwritten("S6", D, "study", "no_identification"),
    unwritten("S7", D, "study", "destroy_when_no_longer_needed"),
    one("S7", W, "study", "terms.destruction.election", ("terms.destruction.election", "return")),
    one("S8", D, "study", "terms.destruction.within_days", ("terms.destruction.within_days", ABSENT)),
    lacks("G4", "study", "aim"), lacks("G4", "study", "on_behalf_of"),
    one("G4", D, "study", f"{AT}.aim", (f"{BD}.aim", "marketing")),
    one("G4", D, "study", f"{AT}.on_behalf_of", (f"{BD}.on_behalf_of", "reading-lab")),
    one("F31a6", W, "study", "purposes[0].kind", ("purposes.0.kind", "operations")),
    one("F31b1", W, "study", "terms.destruction.election", ("terms.destruction.election", "keep_deidentified")),
    # ----- audits and evaluations
    lacks("A1", AUDIT, "representative"), lacks("A3", AUDIT, "program"), lacks("A4", AUDIT, "activity"), lacks("G1", AUDIT, "program_owner"),
    one("A1", W, AUDIT, f"{AT}.representative", (f"{BD}.representative", "river-college")),
    one("A2", D, AUDIT, "schedule", ("schedule", ABSENT)),
    one("A2", D, AUDIT, "schedule", ("schedule", [line("attendance_day.attendance_status", "other")]),
        given=(("purposes.1", purpose(AUDIT, id="other")), ("schedule.0.purposes", ["look", "other"]))),
    one("A4", W, AUDIT, f"{AT}.activity", (f"{BD}.activity", "An evaluation")),
    unwritten("A5", D, AUDIT, "destroy_when_no_longer_needed"), unwritten("A7", D, AUDIT, "protect_from_further_disclosure"),
    one("A5", W, AUDIT, "terms.destruction.election", ("terms.destruction.election", "return")),
    one("A6", D, AUDIT, "terms.destruction.within_days", ("terms.destruction.within_days", ABSENT)),
    unwritten("R1", W, AUDIT, "reasonable_methods"),
    one("G1", D, AUDIT, f"{AT}.program_owner", (f"{BD}.program_owner", "reading-lab")),
    one("G5", D, AUDIT, "purposes[0].basis", (f"{BD}.program_owner", "river-college"),
        given=(("parties.0.partner", "river-college"),)),
    one("F31a3", W, AUDIT, "purposes[0].kind", ("purposes.0.kind", "operations")),
    one("L3", A, AUDIT, "onward", ("onward", ABSENT), given=(
        ("parties.1.partner", "state-agency"), ("purposes.0.recipients", ["state-agency"]), (f"{BD}.representative", "state-agency"),
        ("onward", [{"party": "A university", "interest": "Evaluate", "basis": "study"}]))),
    # ----- directory information
    lacks("F31a11", "directory", "notice"),
    one("F31a11", D, "directory", f"{AT}.items", (f"{BD}.items", [])),
    shown("F31a11", D, "directory", "person_status.homelessness_status"),
    shown("F31a11", D, "directory", "attendance_day.attendance_status"),
    shown("F31a11-1", W, "directory", "person.birthdate"),
    one("F31a11-2", A, "directory", f"{AT}.opt_out_until", (f"{BD}.opt_out_until", ABSENT)),
    one("F31a11-2", W, "directory", f"{AT}.opt_out_until", (f"{BD}.opt_out_until", "2026-07-01")),
    one("F31a11-2", W, "directory", f"{AT}.opt_out_until", (f"{BD}.opt_out_until", "in autumn")),
    one("F31a11-4", D, "directory", f"{AT}.parties", (f"{BD}.parties", ["yearbook"])),
    one("F31a11-4", D, "directory", f"{AT}.purposes", (f"{BD}.purposes", ["yearbook"])),
    one("G9", W, "directory", "purposes[1].serves", ("purposes.1.serves", ["look"]), given=(
        ("purposes.1", purpose("consent", id="match", kind="linkage", serves=["match"], reach="all")),
        ("schedule.1", line("person.birthdate", "match")))),
    one("RECRUIT", W, "directory", "purposes[0].recipients", ("purposes.0.interest", "Let the armed forces write to seniors")),
    one("RECRUIT", W, "directory", "purposes[0].recipients", ("parties.1.partner", "river-college"),
        ("purposes.0.recipients", ["river-college"])),
    one("G10", D, "directory", "population[0].where",
        ("population", [{"where": "idea_indicator = 'Yes'", "on": "person_status"}])),
    one("G10", W, "directory", "population[0].where",
        ("population", [{"where": "program_participation_start_date > '2026-01-01'", "on": "program_participation"}])),
    # ----- the other bases
    one("T1", D, "transfer", f"{AT}.initiated_by", (f"{BD}.notice", ABSENT)),
    one("F31a2", D, "transfer", "purposes[0].recipients", ("parties.1.partner", "bright-futures"),
        ("purposes.0.recipients", ["bright-futures"])),
    one("F31a2", W, "transfer", "purposes[0].kind", ("purposes.0.kind", "reporting")),
    lacks("F31a4", "financial_aid", "aid"),
    lacks("FUSA", "child_welfare", "evidence_of_placement"), lacks("FUSA", "child_welfare", "agency_responsible"),
    one("FUSA", D, "child_welfare", "purposes[0].recipients", ("parties.1.partner", "reading-lab"),
        ("purposes.0.recipients", ["reading-lab"])),
    one("FUSA", D, "child_welfare", f"{AT}.agency_responsible", (f"{BD}.agency_responsible", "reading-lab")),
    *(lacks("F31a10", "emergency", key, stands=NOBODY) for key in ("threat", "determined_by", "determined_on")),
    one("G12", W, "consent", "purposes[0].basis", ("purposes.0.basis", "emergency"), (BD, DETAILS["emergency"])),
    lacks("F31a5", "other_law", "citation"), lacks("F31a5", "other_law", "reason"),
    one("F31a5", W, "other_law", f"{AT}.certificate", (f"{BD}.citation", "34 CFR 99.31(a)(5)(i)(B)")),
    one("F31a5", W, "other_law", f"{AT}.certificate", (f"{BD}.certificate", ABSENT), given=(
        ("parties.1.partner", "court"), ("purposes.0.recipients", ["court"]), (f"{BD}.certificate", "Letter of 3 May 2026"))),
    one("F31a7", W, "other_law", "purposes[0].kind", ("purposes.0.kind", "casework"), ("purposes.0.reach", "caseload"),
        given=((f"{BD}.citation", "34 CFR 99.31(a)(7)"),)),
    one("F31a9", W, "other_law", f"{AT}.notified", (f"{BD}.citation", "34 CFR 99.31(a)(9)")),
    one("F31a9", W, "other_law", f"{AT}.notified", (f"{BD}.notified", ABSENT),
        given=((f"{BD}.reason", "A subpoena of 4 May"), (f"{BD}.notified", "By letter of 5 May"))),
    one("FK", W, "other_law", "clauses.destroy_when_no_longer_needed", ("clauses.destroy_when_no_longer_needed", ""),
        given=((f"{BD}.citation", "20 U.S.C. 1232g(b)(1)(K)"),)),
    lacks("F31b1", "deidentified", "determination"),
    one("F31b1", D, "deidentified", f"{AT}.determination", (BD, {"determination": {"by": "Research office"}})),
    one("F31b1", D, "deidentified", "purposes[0].form", ("purposes.0.form", "identified")),
    shown("F31b1", D, "deidentified", "person.first_name"),
    one("F31b1", W, "deidentified", f"{AT}.determination.on", (BD, {"determination": {**DETERMINED, "on": "soon"}})),
    one("F31b1", W, "deidentified", f"{AT}.determination.on", (BD, {"determination": {**DETERMINED, "on": "2026-07-02"}})),
    one("F31b2", A, "deidentified", "purposes[0].kind", ("purposes.0.kind", "operations")),
    one("G7", W, "deidentified", f"{AT}.determination.method",
        (BD, {"determination": {**DETERMINED, "method": "A SHA-256 hash of the name and birth date"}})),
    lacks("FPART", OWN, "regime"), lacks("FPART", OWN, "authority"),
    one("K3", W, "consent", "purposes[0].basis", ("purposes.0.basis", OWN), (BD, DETAILS[OWN])),
    one("K8", W, "consent", "purposes[0].basis", ("purposes.0.basis", OFFICIAL), (BD, DETAILS[OFFICIAL]), given=(
        ("parties.0.partner", "second-program"),)),
    # ----- what is passed on
    unwritten("X1", W, "consent", "use_only_for_purpose"), unwritten("X4", W, "consent", "no_redisclosure"),
    unwritten("X4", W, "study", "no_redisclosure"),
    one("X2", W, "consent", "onward[0].basis", ("onward.0.basis", OWN),
        given=(("onward", [{"party": "City", "interest": "x", "basis": "consent"}]),)),
    one("L4", W, "consent", "onward[0].basis", ("onward.0.basis", "because"),
        given=(("onward", [{"party": "City", "interest": "x", "basis": "consent"}]),)),
    one("X5", D, "study", "purposes[0].recipients", bars=(BAR,)),
    one("X5", D, "housed", "custody[0]", bars=(replace(BAR, party="riverbend-backbone"),),
        given=(("purposes", HOUSED["purposes"][:2]), ("schedule.1", ABSENT)), stands=frozenset({"G18"})),
    one("L2", D, "consent", "purposes[0].interest", ("purposes.0.interest", ABSENT)),
    # ----- guards
    one("G2", D, "consent", "schedule[0].necessity", ("schedule.0.necessity", "")),
    one("G20", D, "consent", "schedule[1].necessity", ("schedule.1.necessity", ABSENT),
        given=(("schedule.1", line("attendance_day.attendance_event_reason")),)),
    one("G20", A, "consent", "schedule[0].element", ("schedule.0.element", "attendance_day.*")),
    one("G14", D, "consent", "under", ("under", "nowhere"), given=(("precedence", ["law"]),)),
    one("G14", D, "license", "under", ("under", ABSENT)),
    one("G14", D, "mou", "under", ("under", "by-study"), given=(("precedence", ["law"]),)),
    one("G14", W, "license", "terms.expires", ("terms.expires", "2028-07-01")),
    one("G14", W, "license", "terms.effective", ("terms.effective", "2026-06-30")),
    one("G14", W, "license", "terms.minimum_cell", ("terms.minimum_cell", 9)),
    one("G14", W, "license", "terms.training", ("terms.training", ["other"])),
    one("G14", W, "license", "purposes[0].training", ("purposes.0.training", ABSENT), given=(("purposes.0.training", ["coding"]),), wider=(("purposes.0.training", ["coding"]),)),
    one("G14", W, "license", "terms.destruction.within_days", ("terms.destruction.within_days", 61)),
    one("G14", W, "license", "purposes[1].joins", ("purposes.1.joins", ["look"]), given=CODED_TWICE, wider=CODED_TWICE, stands=frozenset({"G23"})),
    one("G14", W, "license", "joinder", ("joinder", {"open_to": ["cbo"]})),
    one("G14", W, "license", "parties[2].partner", ("parties.2", party("bright-futures", "recipient"))),
    one("G14", W, "license", "purposes[0].roles", ("purposes.0.roles", ["case_worker", "leader"])),
    one("G14", W, "license", "records.from", ("records", {"to": "2028-01-01"}), given=(("records", {"from": "2025-01-01"}),), wider=(("records", {"from": "2025-01-01"}),)),
    one("G14", W, "license", "schedule[1].element", ("schedule.1", line("course_grade.course_title"))),
    one("G17", D, "housed", "custody", ("custody", ABSENT)),
    one("G17", D, "housed", "custody[0].basis", ("custody.0", {"from": ["riverbend-schools"], "basis": "deidentified",
                                                             "basis_details": DETAILS["deidentified"]})),
    one("G17", A, "study", "custody", ("custody", {"basis": "study", "basis_details": DETAILS["study"]})),
    one("G18", D, "housed", "purposes[2].serves", ("purposes.2.serves", ["look", "luck"])),
    one("G18", W, "housed", "purposes[1]", ("purposes.3.serves", ["match"])),
    one("G18", W, "housed", "purposes[0]", ("purposes.2.serves", ["match"]), ("purposes.3.serves", ["match"])),
    one("G18", A, "housed", "purposes[2].basis", ("purposes.2.basis", OFFICIAL), ("purposes.2.basis_details", DETAILS[OFFICIAL])),
    one("G23", D, "study", "purposes[0].joins", ("purposes.0.joins", ["look", "luck"])),
    one("G23", D, "consent", "purposes[0].joins", ("purposes.0.joins", ["luck"])),
    one("G23", D, "study", "purposes[1].joins", ("purposes.1.joins", ["list"]), given=CODED_TWICE + COUNTED),
    one("G23", W, "study", "purposes[1].joins", ("purposes.1.joins", ["look"]), given=CODED_TWICE),
    one("G23", W, "study", "purposes[1]", ("schedule.1.purposes", ["look", "again"]), given=(*CODED_TWICE, COMMENTED), stands=frozenset({"PPRA"})),
    # ----- other laws
    shown("NSLP", D, OFFICIAL, "person_status.eligibility_status_for_school_food_service_programs"),
    shown("NSLP", W, "study", "person_status.economic_disadvantage_status"),
    one("IDEA", W, "consent", "terms.training", ("schedule.1", line("person_status.idea_indicator")),
        given=(("terms.training", []),), stands=frozenset({"P6"})),
    shown("FOSTER", W, OWN, "person_status.foster_care_status", given=(("parties.0.partner", "family-agency"),)),
    one("VICTIM", D, "consent", "purposes[0].form", *BY_PROMISE, given=SHELTER, stands=CLIENT),
    one("VICTIM", D, "housed", "custody[1].basis", ("parties.1.partner", "safe-house"), ("parties.1.roles", ["discloser"]),
        ("purposes", []), ("schedule", []), ("custody.1.from", ["safe-house"]), stands=frozenset({"D6", "D7", "D8"})),
    one("HIPAA", W, "consent", f"{AT}.regime", *BY_PROMISE, given=CLINIC),
    one("HIPAA", W, "consent", "purposes[0].basis", *BY_PROMISE, (f"{BD}.regime", "HIPAA and the clinic's promise"), given=CLINIC),
    *(one("PART2", D, "consent", "purposes[0].basis", *BY_PROMISE, (f"{BD}.regime", regime), given=(*TREATMENT, *NOTICE), stands=CLIENT)
      for regime in ("our promise", "42 CFR Part 2")),
    *(one("PART2", D, "consent", "purposes[0].basis", ("purposes.0.basis", basis), (BD, DETAILS[basis]), given=(*TREATMENT, *NOTICE),
          stands=CLIENT | {"S1", "G4", "A1"})
      for basis in ("financial_aid", "other_law")),
    one("PART2", D, "consent", "purposes[0].basis", ("purposes.0.form", "pseudonymous"), *BY_PROMISE,
        given=(*TREATMENT, *NOTICE, ("purposes.0.kind", "research"), ("purposes.0.reach", "all"), ("clauses.no_reidentification", "No.")),
        stands=CLIENT),
    one("PART2", D, OWN, "purposes[0].basis", (f"{BD}.regime", "the rules of 42 CFR Part 2")),
    one("PART2", W, "consent", "purposes[0].basis", ("purposes.0.interest", "Know whose records are under 42 CFR Part 2")),
    one("PART2", W, OWN, "purposes[0].basis", ("purposes.0.interest", "See who is in treatment for substance use")),
    one("PART2-NOTICE", D, "consent", "clauses.substance_use_notice", ("clauses.substance_use_notice", " "), given=(*TREATMENT, *NOTICE), stands=CLIENT),
    *(one("H8", A, "consent", "purposes[0].basis", ("parties.0.partner", id), *NOTICE)
      for id in ("recovery-house", "safe-house", "teen-clinic")),
    one("EARLY", W, "consent", "purposes[0].basis", *BY_PROMISE, given=HEAD_START),
    one("EARLY", W, OWN, "purposes[0].basis", ("purposes.0.interest", "Follow children of Head Start into kindergarten")),
    one("COPPA", A, OFFICIAL, f"{AT}.function", (f"{BD}.function", "an online reading course")),
    shown("IDEA-CONSENT", W, "other_law", "person_status.idea_indicator"),
    one("IDEA-CONSENT", W, OFFICIAL, "schedule[1].element", ("parties.1.partner", "workforce-office"),
        ("purposes.0.recipients", ["workforce-office"]), given=(("schedule.1", line("person_status.idea_indicator")),)),
    shown("PPRA", W, "study", "survey_response.response_comment"),
    *(one("PPRA", severity, base, "schedule[0].element", ("purposes.0.interest", interest), given=(
        ("title", "A survey"), ("schedule", [line("survey_response.response_value")]), *counts))
      for counts in ((), (("purposes.0.form", "aggregate"), ("purposes.0.kind", "reporting"), ("terms.publication_review_days", 30)))
      for severity, base, interest in (
          (W, "study", "Learn how many students are depressed"),
          (D, "study", "Learn from a survey that every student must answer of depression and religion"),
          (A, OWN, "Learn how many students are depressed"))),
    one("PPRA", D, OFFICIAL, "schedule[1].element",
        ("schedule.1", line("survey_response.ppra_protected_topic", necessity="The survey is mandatory in grade 9"))),
    shown("AID", W, OFFICIAL, "person_status.financial_aid_applicant"),
    shown("UI", W, "study", "employment.quarterly_earnings"),
    one("ESSA-n", A, "consent", "terms.minimum_cell", ("terms.minimum_cell", 4)),
    # ----- good practice
    *(unwritten(rule, A, base, clause) for rule, base, clause in (
        ("P2", "study", "no_reidentification"), ("P5", "consent", "right_to_audit"), ("P7", "consent", "breach_notice"),
        ("P13", "consent", "termination"))),
    one("P3", A, "consent", "parties[1].contacts.security", ("parties.1.contacts.security", ABSENT)),
    one("P4", A, "consent", "parties[1].contacts.data", ("parties.1.contacts.data", ABSENT)),
    one("P6", A, "consent", "terms.training", ("terms.training", [])),
    one("P7", A, "consent", "terms.breach_notice_hours", ("terms.breach_notice_hours", ABSENT)),
    one("P9", A, "study", "terms.publication_review_days", ("terms.publication_review_days", ABSENT)),
    one("P10", A, "consent", "precedence", ("precedence", ABSENT), given=(("under", "wide"), ("precedence", ["law"]))),
    one("P11", W, "license", "project", ("project", ABSENT)),
    one("P11", W, "license", "schedule", ("project.method", "Students of the same school, grade and earlier score are compared"),
        given=(("project.method", "The attendance of two years is compared"),)),
    one("P11", W, "license", "project.irb.expires", ("project.irb.expires", "2027-01-01")),
    # ----- the form of the document
    one("D1", D, "consent", "", ("throughway", "\0")),
    one("D2", D, "consent", "title", ("title", ABSENT)),
    one("D2", D, "consent", "purposes[0].reach", ("purposes.0.reach", ABSENT)),
    one("D3", D, "consent", "titel", ("titel", "x")),
    one("D3", D, "consent", f"{AT}.notice", (f"{BD}.notice", "x")),
    one("D4", D, "consent", "terms.minimum_cell", ("terms.minimum_cell", "ten")),
    one("D5", D, "consent", "parties[2].partner", ("parties.2", party("nobody", "recipient"))),
    one("D5", D, "consent", "parties[2].partner", ("parties.2", party("bright-futures", "recipient"))),
    one("D5", W, "consent", "parties[1].signatory", ("parties.1.signatory", ABSENT)),
    one("D6", D, "consent", "purposes[0].recipients", ("purposes.0.recipients", ["riverbend-schools"])),
    one("D6", D, "consent", "parties", ("parties.0.roles", ["recipient"]), stands=frozenset({"D8"})),
    one("D6", D, "consent", "services[0].partner", ("services", [{"partner": "reading-lab", "program": "Reading"}])),
    one("D7", D, "consent", "purposes", ("purposes", []), ("schedule", []), stands=frozenset({"D8"})),
    one("D7", D, "consent", "purposes[0].id", ("purposes.0.id", "own_records"), ("schedule.0.purposes", ["own_records"])),
    one("D7", D, "consent", "purposes[1].kind", ("purposes.1.kind", "operations"), given=(
        ("parties.2", party("second-program", "recipient")),
        ("purposes.1", purpose("consent", recipients=["second-program"])))),
    one("D7", D, "consent", "purposes[1]", ("purposes.1", purpose("consent"))),
    one("D7", W, "consent", "purposes[0].roles", ("purposes.0.roles", [])),
    one("D7", W, "consent", "purposes[0].form", ("purposes.0.form", "aggregate")),
    one("D8", D, "consent", "schedule[0].element", ("schedule.0.element", "attendance_dya.attendance_status")),
    one("D8", D, "consent", "schedule[0].purposes", ("schedule.0.purposes", ["look", "luck"])),
    one("D8", D, "consent", "schedule[1].element", ("schedule.1", line("attendance_day.attendance_status"))),
    one("D8", D, "consent", "schedule[0].transform", ("schedule.0.transform", "year")),
    one("D8", W, "consent", "schedule", ("purposes.1", purpose("consent", id="more"))),
    one("D9", D, "consent", "population[0].where", ("population", [{"where": "grade = ", "on": "school_enrollment"}])),
    one("D9", D, "consent", "population[0].where",
        ("population", [{"where": "person.first_name = 'x'", "on": "school_enrollment"}])),
    # ----- what people type
    one("W1", D, OWN, "writes[0].table", ("writes.0.table", "contact_nota"), given=TYPING),
    one("W1", D, OWN, "writes[0].capacity", ("writes.0.capacity", "receiver"), given=TYPING),
    one("W1", D, OWN, "writes[0].purposes", ("writes.0.purposes", ["look", "luck"]), given=TYPING),
    one("W1", D, OWN, "writes[0].purposes", ("writes.0.purposes", []), given=TYPING),
    one("W1", D, OWN, "writes[0].roles", ("writes.0.roles", ["leader"]), given=TYPING),
    one("W1", D, OWN, "writes[0].for", ("writes.0.for", "riverbend-schools"), given=TYPING),
    one("W1", D, OWN, "writes[0].by", ("writes.0.by", ["riverbend-schools"]), given=TYPING),
    one("W1", D, OWN, "writes[1]", ("writes.1", WRITING), given=TYPING),
    one("W2", D, OFFICIAL, "writes[0].for", ("writes.0.for", ABSENT), given=TYPING_FOR_SCHOOL),
    one("W2", D, OFFICIAL, "writes[0].capacity", ("purposes.0.basis", "consent"), ("purposes.0.basis_details", {}),
        given=TYPING_FOR_SCHOOL),
    one("W2", D, OFFICIAL, "writes[0].for", ("writes.0.for", "second-program"), given=(
        *TYPING_FOR_SCHOOL, ("parties.2", party("second-program", "discloser"))), stands=frozenset({"G18", "K8"})),
    *(one("W3", D, OWN, "writes[0].by", ("parties.0.partner", id), ("purposes.0.recipients", [id]), ("writes.0.by", [id]), given=TYPING,
          stands=frozenset({"HIPAA", "P2", "PART2", "VICTIM", "FOSTER"}))
      for id in ("recovery-house", "safe-house", "family-agency", "clinic", "teen-clinic")),
    one("G2", D, OWN, "writes[0].necessity", ("writes.0.necessity", " "), given=TYPING),
    one("W5", D, OWN, "schedule[1].element", ("schedule.1", line("walk_in.session_date"))),
    one("W4", D, "study", "schedule[1].element", ("schedule.1", line("contact_note.contact_text"))),
    one("D11", W, "consent", "title", ("title", "Wages and attendance")),
    one("D11", W, "consent", "purposes[0].interest", ("purposes.0.interest", "Learn from test scores who needs help"),
        given=(("purposes.1", purpose("consent", id="scores")), ("schedule.1", line("assessment_result.assessment_result_score_value", "scores")))),
    one("D10", D, "consent", "terms.expires", ("terms.expires", "2026-06-30")),
    one("D10", D, "consent", "records.to", ("records", {"from": "2026-01-01", "to": "2025-01-01"})),
)  # fmt: skip
