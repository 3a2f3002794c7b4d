"""Pairs of records in doubt that nobody has decided yet, and what that means for a figure."""

from dataclasses import dataclass

from throughway.core.prose import counted


@dataclass(frozen=True)
class UndecidedPairs:
    """`apart`, `joined`: pairs that wait for a person, of which linkage left the two records apart, or joined them; `decided`: pairs that
    were decided otherwise, which the next run of linkage applies."""

    apart: int = 0
    joined: int = 0
    decided: int = 0

    @property
    def waiting(self) -> int:
        return self.apart + self.joined

    @property
    def sentence(self) -> str:
        """How many wait, how they count meanwhile, and that a figure stays; empty where there are none."""
        said = []
        if self.waiting:
            one = self.waiting == 1
            how = f"{'it counts' if one else 'each counts'} as {'one student' if self.joined else 'two students'}"
            if self.apart and self.joined:
                how = f"{self.apart:,} of them count as two students each, {self.joined:,} as one"
            said.append(
                f"{counted(self.waiting, 'pair')} of records {'waits' if one else 'wait'} for a person to decide; until then {how}"
            )
        if self.decided:
            said.append(
                f"{counted(self.decided, 'decision')} on pairs {'counts' if self.decided == 1 else 'count'} once records are compared again"
            )
        if not said:
            return ""
        return f"{', and '.join(said)}. A published figure cannot be corrected for a few students, so this comes first."
