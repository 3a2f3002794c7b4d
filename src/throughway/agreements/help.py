"""What an author should add where a field is missing, in a few words."""

WHAT_TO_ADD = {
    ("throughway",): "begin the document with `throughway: agreement/1`",
    ("id",): "give the agreement an id, such as riverbend-casework-2026",
    ("tier",): "say which tier this is: mou, dsa or dul",
    ("title",): "say in a few words what the agreement is about",
    ("parties",): "list the partners that agree, each with its roles",
    ("purposes",): "list what the records may be used for, by whom and by what right",
    ("schedule",): "list which elements are shown, under which purposes, and why each is necessary",
    ("terms",): "state effective, expires, minimum_cell, training and destruction",
    ("clauses",): "write the clauses that people sign, such as no_redisclosure and termination",
    ("terms", "effective"): "state the first day, as 2026-07-01",
    ("terms", "expires"): "state the last day, as 2028-06-30",
    ("terms", "minimum_cell"): "state below which number of persons a published count is withheld, such as 10",
    ("terms", "training"): "list the courses that a reader must hold, or write [] for none",
    ("terms", "destruction"): "state within_days and method: by when and how records are destroyed",
    ("destruction", "within_days"): "state within how many days after the end records are destroyed",
    ("destruction", "method"): "state how records are destroyed, such as NIST SP 800-88 purge",
    ("parties", "partner"): "name the partner by its id in the register",
    ("signatory", "title"): "name the office that signs, such as Superintendent",
    ("signatory", "authority"): "name what gives the office its authority, such as a board policy",
    ("purposes", "id"): "give the purpose an id; a reader states it when asking",
    ("purposes", "kind"): "say what kind of purpose it is: casework, linkage, reporting, evaluation, research or operations",
    ("purposes", "interest"): "say the legitimate interest of those who read",
    ("purposes", "basis"): "say by what right the records are disclosed, such as consent or school_official",
    ("purposes", "form"): "say in what form records are shown: identified, pseudonymous or aggregate",
    ("custody", "basis"): "say by what right the steward houses the records, such as school_official",
    ("schedule", "element"): "name the element, as attendance_day.attendance_event_date or attendance_day.*",
    ("schedule", "purposes"): "list the purposes under which the element is shown",
    ("population", "where"): "say which rows bring a student in, such as entry_grade_level IN ('06', '07')",
    ("population", "on"): "name the table whose rows decide, such as school_enrollment",
    ("project", "method"): "say how the project works",
    ("irb", "number"): "give the review board's number, or leave irb out",
    ("irb", "expires"): "give the day on which the approval ends, as 2028-06-30",
}  # fmt: skip


def what_to_add(location: tuple[str | int, ...]) -> str:
    """A few words for the field at this place of the document."""
    names = tuple(step for step in location if isinstance(step, str))
    return WHAT_TO_ADD.get(names[-2:]) or WHAT_TO_ADD.get(names[-1:]) or f"add a value for {names[-1]}"
