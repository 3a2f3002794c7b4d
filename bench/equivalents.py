"""Changes that change nothing that anybody could see: each with why, by where it stands and what it changes.

They are not judged, and are counted by themselves. An entry that fits no mutant any more is named by the run.
"""

EQUIVALENT: dict[str, str] = {}
