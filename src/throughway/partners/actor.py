"""Who acts: a user of a partner, or the operator of the community folder."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """One who acts, as rules and records see them. `partner` is None for the operator alone.

    `on_operators_word`: nobody signed in; the operator of the folder named this user on the command line.
    """

    email: str
    partner: str | None
    role: str
    on_operators_word: bool = field(default=False, compare=False)

    @property
    def is_operator(self) -> bool:
        return self.partner is None


# Whoever runs commands in the folder without saying who they are: may load, link, evaluate, check, verify, back up and
# keep the registers, and reads no student data.
OPERATOR = Actor(email="operator", partner=None, role="operator")
