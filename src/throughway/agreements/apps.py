from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from throughway.agreements.signing_authority import BoardVote

# Other packages' checks before a text counts as settled: each takes the agreement's id and returns a sentence with the reason to wait,
# or None.
checks_before_agree: list[Callable[[str], str | None]] = []
# Another package's record of votes: takes a partner, an agreement's id, the version of its text and the signer's address, and answers what
# the partner's boards decided on it (`signing_authority.BoardVote`).
board_votes: list[Callable[[str, str, str, str], "BoardVote"]] = []


class AgreementsConfig(AppConfig):
    name = "throughway.agreements"

    def ready(self) -> None:
        from throughway.partners.apps import handed_over, signed_by

        def signed(partner: str) -> bool:
            from throughway.agreements.selectors import has_signed

            return has_signed(partner)

        signed_by.append(signed)

        def steward_of(partner: str, steward: str, on: date) -> str:
            from throughway.agreements.selectors import stewarded_by

            return stewarded_by(partner, steward, on)

        handed_over.append(steward_of)
