"""The decisions and relations of a consent."""

from enum import StrEnum

from throughway.agreements.enums import ANY

__all__ = ["ANY", "PARENTS", "RELATIONS", "STUDENT", "ConsentDecision"]


class ConsentDecision(StrEnum):
    YES = "yes"
    NO = "no"  # for a purpose by directory notice: the opt-out
    WITHDRAWN = "withdrawn"  # of a consent that the same signer gave


# Who signs for the student: one who acts as a parent, or the student (34 CFR 99.3 "parent", "eligible student"). A surrogate parent
# is appointed where there is none (34 CFR 300.519).
PARENTS = frozenset({"parent", "mother", "father", "guardian", "acting_parent", "surrogate"})
STUDENT = frozenset({"student", "self"})
RELATIONS = (*sorted(PARENTS), *sorted(STUDENT))
# Of the holder of the rights: may inspect, but not consent or request to amend (34 CFR 300.613(b)(3)).
REPRESENTATIVE = "representative"
