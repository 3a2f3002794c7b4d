"""The thresholds of every measure in one table: change them here, never in a measure's body. A community's own decisions are in
`[measures]` of throughway.toml.

Sources: chronic absence, GPRA 3 of Promise Neighborhoods (ten days and half a day not yet verified); on track, the Consortium on
Chicago School Research, 2005; graduation, 20 USC 7801(25), (23); college windows not yet verified.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from throughway.core.refusals import Refused
from throughway.measures.proficiency import ProficiencyLevel, combined, parsed, shipped
from throughway.measures.rules_file import own_text
from throughway.store import Community
from throughway.store.settings_file import NUMBER, TEXTS, WHOLE, YES_OR_NO, Setting, ValueKind, read_section


@dataclass(frozen=True)
class MeasurePolicy:
    # A class much smaller than the largest comes from stray records and is ignored.
    smallest_class: float = 0.1

    # Attendance
    chronic_share: float = 0.10  # absent on this share of enrolled days, or more
    days_enrolled: int = 10  # enrolled for fewer days: not counted
    missed_share_of_day: float = 0.5  # a day counts as missed when at least this share is missed
    calendar_days: int = 30  # a calendar with fewer school days cannot be the denominator
    unmarked_days: int = 20  # marks that end more school days before the calendar does not cover the year
    presence_share: float = (
        0.5  # where at least this share of the marks is "present", presence is recorded, not only absence
    )
    absent: tuple[str, ...] = ("ExcusedAbsence", "UnexcusedAbsence")
    present: tuple[str, ...] = ("Present", "Tardy", "EarlyDeparture")

    # Grade 9 on track
    credits: float = 5.0  # full-year credits
    core_failures: int = 1  # at most so many semester Fs in core subjects
    semester_credits: float = 0.5  # a failed course worth twice this counts as two semester Fs
    summer_counts: bool = True
    # Marks that mean failed, and marks that mean passed; any other mark that is not a number is undecided. Case is ignored.
    failing: tuple[str, ...] = ("F", "F+", "F-", "Fail")
    passing: tuple[str, ...] = (
        "A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "P", "Pass",
    )  # fmt: skip
    failing_below: float = 60.0  # for marks that are numbers
    core_sced: tuple[str, ...] = ("01", "02", "03", "04")  # English, mathematics, science, social science
    # Words in a course's title, used where it has no SCED code.
    core_words: tuple[str, ...] = (
        "english", "language arts", "literature", "algebra", "geometry", "math", "calculus", "biology", "chemistry",
        "physics", "science", "history", "geography", "civics", "government", "economics", "social",
    )  # fmt: skip

    # Graduation: CEDS 000138, regular, advanced, Regents, International Baccalaureate, and the State's alternate diploma
    regular_diplomas: tuple[str, ...] = ("00806", "00807", "00808", "00809", "75000")
    graduated_exits: tuple[str, ...] = ("01921",)
    # CEDS 000110: transferred out, emigrated, to an institution, died. Students with any other exit code, or without one, stay in the
    # cohort.
    documented_exits: tuple[str, ...] = (
        "01908", "01909", "01910", "01911", "01912", "01913", "01914", "01915", "01916", "01917", "01918", "01919",
        "73063", "73064", "73067", "73068",
    )  # fmt: skip
    summer_ends: tuple[int, int] = (8, 31)

    # College
    college_from: tuple[int, int] = (5, 1)  # of the graduation year; earlier enrollment is dual enrollment
    college_until: tuple[int, int, int] = (
        1,
        10,
        31,
    )  # 16 months after a diploma in June: years later, month, day
    # The first fall term runs from August 15 to October 31 (National Student Clearinghouse, StudentTracker for High Schools, FAQs);
    # a search that begins later can miss it.
    fall_from: tuple[int, int] = (8, 15)
    # A clearinghouse search without a result is "none reported", not "not enrolled", so such a graduate is not seen.
    none_reported_is_lost: bool = False
    # Students who enter college from that day of a year to the day before it in the next are that year's entering class.
    entering_from: tuple[int, int] = (5, 1)
    completion_years: int = 6  # 150% of the normal time of a four-year degree
    fall_begins: tuple[int, int] = (8, 1)  # a term that begins from here to the end of October is a fall term
    return_years: int = 3  # to a credential, after the school year in which an adult came back

    # Work: the definition is local. A living wage for one adult without children, per quarter of full-time work.
    living_wage: float = 10_400.0
    quarters_worked: int = 2  # at or above it in so many quarters of the follow-up year
    # In the year of the credential; the follow-up is one year later.
    follow_up_from: tuple[int, int] = (10, 1)
    wages_come_in: tuple[int, int] = (12, 31)  # of the year in which the follow-up ends

    # Assessments: which results reach a test's standard
    levels: tuple[ProficiencyLevel, ...] = field(default_factory=shipped)
    reading_subjects: tuple[str, ...] = ("13373", "00560", "00554", "13372")  # CEDS 000021
    math_subjects: tuple[str, ...] = ("01166",)


POLICY = MeasurePolicy()


def decided(settings: Mapping[str, object], own: Sequence[ProficiencyLevel] = ()) -> MeasurePolicy:
    """The policy with a community's decisions: `settings` are those of `[measures]`, such as {"living_wage": 9800}, `own` the lines of
    its table of proficiency.

    Refused when a name is not one of the policy's numbers, switches or lists of codes, or a value has the wrong type.
    """
    known = {f.name: Setting(kind) for f in fields(MeasurePolicy) if (kind := _kind(getattr(POLICY, f.name)))}
    values = read_section("measures", settings, known)
    return replace(POLICY, **values, levels=combined(own, POLICY.levels))


def _kind(value: object) -> ValueKind | None:
    """The kind of a threshold; None for what a community cannot set."""
    if isinstance(value, tuple):
        return TEXTS if value and all(isinstance(each, str) for each in value) else None
    return {bool: YES_OR_NO, int: WHOLE, float: NUMBER}.get(type(value))


def community_policy(community: Community) -> MeasurePolicy:
    """The policy of this community. Refused (settings) with a sentence for each fault in either file."""
    return decided(community.settings.measures, own_levels(community))


def problems(community: Community) -> list[str]:
    """Faults in the two files that prevent every report; empty where both are valid."""
    try:
        community_policy(community)
    except Refused as refused:
        return [refused.message]
    return []


def own_levels(community: Community) -> tuple[ProficiencyLevel, ...]:
    """The lines of the community's own table; empty where it has no such file."""
    own = own_text(community.proficiency)
    return () if own is None else parsed(own)
