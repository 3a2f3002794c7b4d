"""Keeps registered studies, and all that follows a finding, append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

# The same text, taken back as often before: `UniqueConstraint` of the model.
TEXT_AND_TIME = "evidence_registeredstudy.sha256 = NEW.sha256 AND evidence_registeredstudy.again = NEW.again"

STUDIES = AppendOnly(
    {
        "evidence_registeredstudy": ("id", TEXT_AND_TIME),
        "evidence_studyreading": ("id",),
        "evidence_studytakenback": ("id", "study_id"),
        "evidence_studyfinding": ("id", "release"),
        "evidence_programreply": ("id",),
        "evidence_findingdecision": ("id",),
        "evidence_decisionprogress": ("id",),
    }
)
