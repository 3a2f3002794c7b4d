"""How a pipeline is counted, in sentences made of the policy that counted it.

They are kept with the release, so that every page and file of it says what was done then, whatever is decided later. What each
milestone counts is said by its measure (`Measure.definition`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from throughway.measures import MeasurePolicy


@dataclass(frozen=True)
class Method:
    """`not_seen`: who counts as lost though a record is missing, and who does not. `limits`: what the figures cannot say."""

    not_seen: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    def to_json(self) -> dict[str, list[str]]:
        return {"not_seen": list(self.not_seen), "limits": list(self.limits)}


def from_json(stored: Mapping[str, Sequence[str]] | None) -> Method:
    """As a release keeps it; releases from before it was kept say nothing."""
    return Method(**{name: tuple(said) for name, said in (stored or {}).items()})


def method(policy: MeasurePolicy, milestones: Collection[str]) -> Method:
    """Of a report with figures at these milestones, by their ids."""
    return Method(tuple(_not_seen(policy, milestones)), tuple(_limits(policy, milestones)))


def _not_seen(policy: MeasurePolicy, milestones: Collection[str]) -> list[str]:
    found = []
    if "graduation" in milestones:
        found.append(
            "The law’s four-year rate counts a student as lost who has no diploma on record by the end of the summer, even one who "
            "left without documented papers, where the district sends its diplomas and its records reach past that summer. Until they "
            "do, nobody of its class is counted: it is not decided yet."
        )
    if "enrollment" in milestones and policy.none_reported_is_lost:
        found.append(
            "The community decided that a graduate whom the clearinghouse searched for and did not find counts as lost before college."
        )
    if "completion" in milestones:
        found.append(
            f"A student who entered college and has no credential on record counts as lost where the records reach past the "
            f"{policy.completion_years} years."
        )
    plain = "A student whom no record reaches is not seen, and does not count as lost"
    return [f"{plain}, but for these:" if found else f"{plain}.", *found]


def _limits(policy: MeasurePolicy, milestones: Collection[str]) -> list[str]:
    found = ["A student can be lost at more than one step."]
    if "graduation" in milestones:
        found.append(
            "A student who leaves our schools is not seen in later years. The four-year class is the exception: a student who left it "
            "without documented papers counts as lost."
        )
    else:
        found.append("A student who leaves our schools is not seen in later years.")
    if "on-track" in milestones:
        found.append(
            f"Where a district’s marks are of one semester alone, so that most of its ninth graders have not attempted {policy.credits:g} "
            "credits, nobody of its class is counted at grade 9: it is not decided yet."
        )
    if "enrollment" in milestones:
        proof = "A college record that the clearinghouse does not have is no proof that a student stayed away"
        counts = (
            "the graduate counts as lost by the community’s decision"
            if policy.none_reported_is_lost
            else "the graduate is not seen"
        )
        found.append(f"{proof}; {counts}.")
    if "employment" in milestones:
        found.append(
            "Wages come from the State and miss the self-employed and those who left it; these are not seen."
        )
    return found
