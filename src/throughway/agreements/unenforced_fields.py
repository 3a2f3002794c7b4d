"""Fields of an agreement that the parties must follow and no program enforces.

All other fields are enforced; docs/agreement-fields.md says where, and a test compares the two.
"""

MARK = "(words for people)"
LEGEND = f"The parties themselves keep what is marked {MARK}: no program enforces it. The platform enforces the rest."
WORDS = frozenset({
    "precedence",
    "parties[].signatory.title", "parties[].signatory.authority",
    "parties[].contacts.notices", "parties[].contacts.data", "parties[].contacts.security",
    "custody[].basis_details",
    "schedule[].necessity",
    "writes[].necessity",
    "services[].schools",
    "onward[].party", "onward[].interest", "onward[].basis",
    "terms.destruction.method", "terms.destruction.election",
    "terms.storage_country", "terms.subprocessors[].name", "terms.subprocessors[].service",
    "terms.delivery[].from", "terms.delivery[].what", "terms.delivery[].every", "terms.delivery[].format",
    "project.method", "project.irb.number", "project.irb.expires", "project.linked_data",
    "clauses.use_only_for_purpose", "clauses.no_redisclosure", "clauses.no_identification",
    "clauses.destroy_when_no_longer_needed", "clauses.protect_from_further_disclosure", "clauses.reasonable_methods", "clauses.breach_notice", "clauses.right_to_audit",
    "clauses.no_reidentification", "clauses.termination", "clauses.substance_use_notice",
})  # fmt: skip
# Keys of `basis_details` that are enforced. Only the review uses the others, before signing.
HELD_DETAILS = frozenset({"items", "threat", "determined_by", "determined_on"})


def marked(field: str, sentence: str) -> str:
    """The sentence, marked before its full stop where the field is not enforced."""
    if field not in WORDS:
        return sentence
    return f"{sentence[:-1]} {MARK}." if sentence.endswith(".") else f"{sentence} {MARK}"
