"""`keys`: replaces the community's keys."""

import click

from throughway.cli.command import CommandResult, Settings, SuggestingChoice, acting, command, group
from throughway.core.prose import counted

keys = group("keys", "The keys of the community.")
ADVICE = "Make a backup of both archives now, and remove those from before when you no longer need them."


@command(keys, "rotate")
@click.argument("what", metavar="agreements|ledger", type=SuggestingChoice(["agreements", "ledger"]))
def rotate(settings: Settings, what: str) -> CommandResult:
    """Replace the keys of all agreements, or the key that signs the ledger's heads."""
    by = acting(settings)
    if what == "ledger":
        from throughway.ledger.actions.key_rotation import rotate_signing_key

        change = rotate_signing_key(by=by)
        text = (
            f"The ledger's heads are signed with the new key {change.new} after {counted(change.size, 'entry', 'entries')}. Heads that"
            f" partners keep still hold; send each partner a new one. {ADVICE}"
        )
        return CommandResult(change.to_json(), text)
    from throughway.gate.actions.key_rotation import rotate_agreement_keys

    done = rotate_agreement_keys(by=by)
    text = f"{counted(len(done), 'agreement')} with a new key, {counted(sum(done.values()), 'wrapped data key')}. {ADVICE}"
    return CommandResult({"agreements": dict(done)}, text)
