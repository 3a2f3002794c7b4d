"""The thresholds of every measure, as one table: change them here, never in a measure's body. What a community decides
otherwise is in its settings, `[measures]` of throughway.toml.

Sources: chronic absence, GPRA 3 of Promise Neighborhoods (ten days and half a day still to be checked); on track, the
Consortium on Chicago School Research, 2005; graduation, 20 USC 7801(25), (23); college windows still to be checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from throughway.core.refusals import Refused, did_you_mean
from throughway.measures.proficiency import FILE, ProficiencyLevel, combined, parsed, shipped
from throughway.store import Community


@dataclass(frozen=True)
class MeasurePolicy:
    # A class much smaller than the largest is a stray record, not a class.
    smallest_class: float = 0.1

    # Attendance
    chronic_share: float = 0.10  # missed this share of the days enrolled, or more
    days_enrolled: int = 10  # enrolled for fewer days: not counted
    missed_share_of_day: float = 0.5  # a day counts as missed from this share on
    calendar_days: int = 30  # a calendar with fewer days of school cannot serve as denominator
    unmarked_days: int = 20  # marks that end more days of school before the calendar say nothing of the year
    presence_share: float = (
        0.5  # where as many of the marks say "there", presence is recorded, not absence alone
    )
    absent: tuple[str, ...] = ("ExcusedAbsence", "UnexcusedAbsence")
    present: tuple[str, ...] = ("Present", "Tardy", "EarlyDeparture")

    # Grade 9 on track
    credits: float = 5.0  # full-year credits
    core_failures: int = 1  # at most so many semester Fs in core subjects
    semester_credits: float = 0.5  # a failed course worth twice this is two semester Fs
    summer_counts: bool = True
    # Marks that mean failed, and marks that mean passed; of any other, without a number, nobody can say. Case makes no difference.
    failing: tuple[str, ...] = ("F", "F+", "F-", "Fail")
    passing: tuple[str, ...] = (
        "A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "P", "Pass",
    )  # fmt: skip
    failing_below: float = 60.0  # where only a number is given
    core_sced: tuple[str, ...] = ("01", "02", "03", "04")  # English, mathematics, science, social science
    # Words of a course's title, where it has no SCED code.
    core_words: tuple[str, ...] = (
        "english", "language arts", "literature", "algebra", "geometry", "math", "calculus", "biology", "chemistry",
        "physics", "science", "history", "geography", "civics", "government", "economics", "social",
    )  # fmt: skip

    # Graduation: CEDS 000138, regular, advanced, Regents, International Baccalaureate, and the State's alternate diploma
    regular_diplomas: tuple[str, ...] = ("00806", "00807", "00808", "00809", "75000")
    graduated_exits: tuple[str, ...] = ("01921",)
    # CEDS 000110: to another school or program outside, emigrated, to an institution, died. Whoever left otherwise, or
    # without a code, stays in the cohort.
    documented_exits: tuple[str, ...] = (
        "01908", "01909", "01910", "01911", "01912", "01913", "01914", "01915", "01916", "01917", "01918", "01919",
        "73063", "73064", "73067", "73068",
    )  # fmt: skip
    summer_ends: tuple[int, int] = (8, 31)

    # College
    college_from: tuple[int, int] = (5, 1)  # of the year of graduation; earlier enrollment is dual enrollment
    college_until: tuple[int, int, int] = (
        1,
        10,
        31,
    )  # 16 months after a diploma in June: years later, month, day
    # The first fall term runs from August 15 to October 31 (National Student Clearinghouse, StudentTracker for High Schools, FAQs);
    # a search that begins later can miss it.
    fall_from: tuple[int, int] = (8, 15)
    # A clearinghouse that found nothing has none reported; that is not "not enrolled", so such a graduate is not seen.
    none_reported_is_lost: bool = False
    # Who enters college from that day of a year to the day before it in the next is of that year's entering class.
    entering_from: tuple[int, int] = (5, 1)
    completion_years: int = 6  # 150% of the normal time of a four-year degree

    # Work: the definition is local. A living wage of one adult without children, for a quarter of full-time work.
    living_wage: float = 10_400.0
    quarters_worked: int = 2  # at or above it in so many quarters of the year of follow-up
    follow_up_from: tuple[int, int] = (10, 1)  # in the year of the credential; one year from then
    wages_come_in: tuple[int, int] = (12, 31)  # of the year in which follow-up ends

    # Assessments: which results reach a test's standard
    levels: tuple[ProficiencyLevel, ...] = field(default_factory=shipped)
    reading_subjects: tuple[str, ...] = ("13373", "00560", "00554", "13372")  # CEDS 000021
    math_subjects: tuple[str, ...] = ("01166",)


POLICY = MeasurePolicy()


def decided(settings: Mapping[str, object], own: Sequence[ProficiencyLevel] = ()) -> MeasurePolicy:
    """The policy as a community decided it: `settings` are those of `[measures]`, such as {"living_wage": 9800}, `own` the lines
    of its table of proficiency.

    Refused when a name is none of the policy's numbers, switches and lists of codes, or a value is of another kind.
    """
    ours = {f.name: _kind(getattr(POLICY, f.name)) for f in fields(MeasurePolicy)}
    ours = {name: kind for name, kind in ours.items() if kind}
    for name, value in settings.items():
        if name not in ours:
            cure = did_you_mean(name, ours, f"choose from {', '.join(sorted(ours))}.")
            raise Refused(f"{name} in [measures] of throughway.toml is no threshold; {cure}", code="settings")
        given = _kind(tuple(value) if isinstance(value, list) else value)
        if given != ours[name] and (given, ours[name]) != (WHOLE, NUMBER):
            raise Refused(f"{name} in [measures] of throughway.toml must be {ours[name]}.", code="settings")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
    return replace(POLICY, **values, levels=combined(own, POLICY.levels))  # type: ignore[arg-type]


WHOLE, NUMBER = "a whole number", "a number"


def _kind(value: object) -> str:
    """What a threshold is, in words; empty for what no community decides here."""
    if isinstance(value, tuple):
        texts = bool(value) and all(isinstance(each, str) for each in value)
        return 'a list of texts, such as ["F", "NC"]' if texts else ""
    return {bool: "true or false", int: WHOLE, float: NUMBER}.get(type(value), "")


def community_policy(community: Community) -> MeasurePolicy:
    """Refused (settings) in a sentence for each fault of either file."""
    return decided(community.settings.get("measures", {}), own_levels(community))


def problems(community: Community) -> list[str]:
    """Why no report can be made before one of the files is mended; none where both are well."""
    try:
        community_policy(community)
    except Refused as refused:
        return [refused.message]
    return []


def own_levels(community: Community) -> tuple[ProficiencyLevel, ...]:
    """The lines of the community's own table; none where it has no such file."""
    try:
        content = community.proficiency.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        raise Refused(
            f"{FILE} in the community's folder cannot be read; save it as CSV in UTF-8.", code="settings"
        ) from None
    return parsed(content)
