from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "throughway.governance"

    def ready(self) -> None:
        from throughway.agreements.apps import board_votes
        from throughway.agreements.signing_authority import BoardVote

        def voted(partner: str, agreement: str, version: str, signer: str) -> BoardVote:
            # Imported here, because most commands do not need it.
            from throughway.governance.selectors import board_vote

            return board_vote(partner, agreement, version, signer)

        board_votes.append(voted)
