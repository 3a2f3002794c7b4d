"""The feeds of Riverbend's community partners: their files, and the crosswalk for each."""

from pathlib import Path

import numpy as np

from throughway.demo.feeds.afterschool import after_school
from throughway.demo.feeds.directory import directories
from throughway.demo.feeds.family import family_services
from throughway.demo.feeds.postsecondary import clearinghouse, college, wages
from throughway.demo.feeds.program_list import program_list
from throughway.demo.feeds.services import mentoring, summer_bridge, tutoring
from throughway.demo.feeds.surveys import of_ended_agreements, surveys
from throughway.demo.partners import (
    BRIGHT,
    COLLEGE,
    COLLEGE_ACCESS,
    FAMILIES,
    LAKESIDE,
    MENTORS,
    PAGES,
    RIVERBEND,
    WAGES,
)
from throughway.demo.town import Town

# Partner, file or folder below its feed, format, crosswalk; in the order in which they come in. A folder is one load.
LOADS: list[tuple[str, str, str, str | None]] = [
    (RIVERBEND, "nsc.csv", "nsc", "clearinghouse.yaml"),
    (RIVERBEND, "survey.csv", "csv", "riverbend-schools-survey.yaml"),
    (RIVERBEND, "comments.csv", "csv", "riverbend-schools-comments.yaml"),
    (RIVERBEND, "feelings.csv", "csv", "riverbend-schools-feelings.yaml"),
    (RIVERBEND, "incidents.csv", "csv", "riverbend-schools-incidents.yaml"),
    (LAKESIDE, "nsc.csv", "nsc", "clearinghouse.yaml"),
    (BRIGHT, "programs.csv", "csv", "programs.yaml"),
    (BRIGHT, "participants.csv", "csv", "bright-futures-participants.yaml"),
    (BRIGHT, "enrollments.csv", "csv", "bright-futures-enrollments.yaml"),
    (BRIGHT, "daily", "xlsx", "bright-futures-daily.yaml"),
    (BRIGHT, "weekly", "xlsx", "bright-futures-weekly.yaml"),
    (BRIGHT, "survey.csv", "csv", "bright-futures-survey.yaml"),
    (BRIGHT, "comments.csv", "csv", "bright-futures-comments.yaml"),
    (BRIGHT, "check-in.csv", "csv", "bright-futures-check-in.yaml"),
    (PAGES, "programs.csv", "csv", "programs.yaml"),
    (PAGES, "enrollments.csv", "csv", "page-by-page-enrollments.yaml"),
    (PAGES, "sessions.csv", "csv", "page-by-page-sessions.yaml"),
    (PAGES, "sessions-corrected.csv", "csv", "page-by-page-sessions.yaml"),
    (PAGES, "book-votes.csv", "csv", "page-by-page-book-votes.yaml"),
    (MENTORS, "programs.csv", "csv", "programs.yaml"),
    (MENTORS, "matches.csv", "csv", "long-walk-mentors-matches.yaml"),
    (MENTORS, "meetings.csv", "csv", "long-walk-mentors-meetings.yaml"),
    (FAMILIES, "programs.csv", "csv", "programs.yaml"),
    (FAMILIES, "agencies.csv", "csv", "family-services-agencies.yaml"),
    (FAMILIES, "clients.csv", "csv", "family-services-clients.yaml"),
    (FAMILIES, "services.csv", "csv", "family-services-services.yaml"),
    (FAMILIES, "referrals.csv", "csv", "family-services-referrals.yaml"),
    (COLLEGE_ACCESS, "programs.csv", "csv", "programs.yaml"),
    (COLLEGE_ACCESS, "participants.csv", "csv", "next-step-participants.yaml"),
    (COLLEGE_ACCESS, "sessions.csv", "csv", "next-step-sessions.yaml"),
    (COLLEGE, "students.csv", "csv", "falls-college-students.yaml"),
    (COLLEGE, "enrollment.csv", "csv", "falls-college-enrollment.yaml"),
    (COLLEGE, "credentials.csv", "csv", "falls-college-credentials.yaml"),
    (WAGES, "individuals.csv", "csv", "state-workforce-individuals.yaml"),
    (WAGES, "wages.csv", "csv", "state-workforce-wages.yaml"),
]

# Each function writes the files of one partner, or of one kind at several, below the folder of all feeds.
WRITERS = (
    clearinghouse, surveys, after_school, tutoring, mentoring, family_services, summer_bridge, college, wages, program_list,
    of_ended_agreements, directories,
)  # fmt: skip


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    """Writes all files of LOADS below `folder`, that of all feeds. The same town and state of `rng` give the same cells."""
    for partner in {feed[0] for feed in LOADS}:
        (folder / partner).mkdir(parents=True, exist_ok=True)
    for writer, own in zip(WRITERS, rng.spawn(len(WRITERS)), strict=True):
        writer(folder, town, own)
