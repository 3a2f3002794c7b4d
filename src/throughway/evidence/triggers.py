"""Keeps registered studies, and all that follows a finding, append-only in the database itself."""

from throughway.partners.triggers import AppendOnly

STUDIES = AppendOnly(
    {
        "evidence_registeredstudy": ("id", "sha256"),
        "evidence_studyreading": ("id",),
        "evidence_studytakenback": ("id", "study_id"),
        "evidence_studyfinding": ("id", "release"),
        "evidence_programreply": ("id",),
        "evidence_findingdecision": ("id",),
        "evidence_decisionprogress": ("id",),
    }
)
