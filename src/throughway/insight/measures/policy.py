"""The thresholds of every measure, as one table: change them here, never in a measure's body. What a community decides
otherwise stands in its settings, `[measures]` of throughway.toml.

Sources: chronic absence, GPRA 3 of Promise Neighborhoods (ten days and half a day still to be checked); on track, the
Consortium on Chicago School Research, 2005; graduation, 20 USC 7801(25), (23); college windows still to be checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from throughway.refusals import Refused, did_you_mean


@dataclass(frozen=True)
class Policy:
    # A class much smaller than the largest is a stray record, not a class.
    smallest_class: float = 0.1

    # Attendance
    chronic_share: float = 0.10  # missed this share of the days enrolled, or more
    days_enrolled: int = 10  # enrolled for fewer days: not counted
    missed_share_of_day: float = 0.5  # a day counts as missed from this share on
    calendar_days: int = 30  # a calendar with fewer days of school cannot serve as denominator
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
    failing: tuple[str, ...] = ("F", "f", "F+", "F-", "Fail", "FAIL")
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

    # Assessments: how the levels' labels read. The first list is looked at first.
    below: tuple[str, ...] = (
        "%not %", "%below%", "%basic%", "%partial%", "%approach%", "%emerging%", "%level 1%", "%level 2%", "1", "2",
    )  # fmt: skip
    at_or_above: tuple[str, ...] = (
        "%proficient%", "%advanced%", "%meet%", "%met%", "%exceed%", "%ready%", "%above%", "%mastery%", "%level 3%",
        "%level 4%", "%level 5%", "3", "4", "5",
    )  # fmt: skip
    reading_subjects: tuple[str, ...] = ("13373", "00560", "00554", "13372")  # CEDS 000021
    math_subjects: tuple[str, ...] = ("01166",)


POLICY = Policy()


def decided(settings: Mapping[str, object]) -> Policy:
    """The policy as a community decided it: `settings` are those of `[measures]`, such as {"living_wage": 9800}.

    Refused when a name is none of the policy's numbers and switches, or a value is of another kind.
    """
    ours = {f.name: type(getattr(POLICY, f.name)) for f in fields(Policy)}
    ours = {name: kind for name, kind in ours.items() if kind in (bool, int, float)}
    for name, value in settings.items():
        if name not in ours:
            cure = did_you_mean(name, ours, f"choose from {', '.join(sorted(ours))}.")
            raise Refused(f"{name} in [measures] of throughway.toml is no threshold; {cure}", code="settings")
        if type(value) is not ours[name] and not (ours[name] is float and type(value) is int):
            kind = {bool: "true or false", int: "a whole number", float: "a number"}[ours[name]]
            raise Refused(f"{name} in [measures] of throughway.toml must be {kind}.", code="settings")
    return replace(POLICY, **settings)  # type: ignore[arg-type]
