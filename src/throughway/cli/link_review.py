"""`link review`: reviewing pairs of records without a browser."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from throughway.cli.command import CommandResult, Settings, SuggestingChoice, acting, columns, command, group
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor

if TYPE_CHECKING:  # light at start
    from throughway.identity.actions.reviewing import ShownPair

VERDICTS = ("same", "different", "cannot_tell")
review = group("review", "Review pairs of records, and decide whether they are one person.")


def _reader(settings: Settings) -> Actor:
    by = acting(settings)
    if by.is_operator:
        raise Refused("The operator cannot read records; name the reviewer with --as EMAIL.", code="form")
    return by


@command(review, "list")
@click.option("--sample", is_flag=True, help="Only the pairs of the sample that measures linkage quality.")
def list_pairs(settings: Settings, sample: bool) -> CommandResult:
    """List the pairs that wait for you, the most informative first. Only numbers are shown."""
    from throughway.identity.review.selectors import progress, waiting

    by = _reader(settings)
    found, far = waiting(by, sample=sample), progress(by)
    pairs = [{"pair": p.id, "partners": list(p.partners), "decides": p.state == "third"} for p in found]
    rows = [[str(p.id), *p.partners] for p in found]
    return CommandResult(
        {"pairs": pairs, "settled": far.settled, "doubted": far.pairs},
        columns(rows, ["pair", "one record of", "another of"]) if rows else "No pair waits for you.",
    )


@command(review, "show")
@click.argument("pair", type=int)
def show(settings: Settings, pair: int) -> CommandResult:
    """Show two records side by side. The ledger records it."""
    from throughway.identity.actions.reviewing import show as shown

    found = shown(pair=pair, by=_reader(settings))
    document: dict[str, Any] = {
        "pair": pair, "partners": list(found.pair.partners), "lines": [asdict(line) for line in found.lines],
        "for": list(found.evidence.speaks_for), "against": list(found.evidence.speaks_against),
        "statements": [each.to_json() for each in found.statements], "disclosure": found.disclosure,
    }  # fmt: skip
    return CommandResult(document, f"{_side_by_side(found)}\nDisclosure {found.disclosure}.")


def _side_by_side(found: "ShownPair") -> str:
    rows = [[line.name, line.one, line.other, line.mark] for line in found.lines]
    said = [f"The family says of {each.element}: {each.statement}" for each in found.statements]
    return "\n".join([columns(rows, ["", *found.pair.partners, ""]), *said])


@command(review, "decide")
@click.argument("pair", type=int, required=False)
@click.argument("verdict", type=SuggestingChoice(VERDICTS), required=False)
@click.option(
    "--disclosure",
    metavar="ID",
    help="The ledger entry under which you saw the pair, as `show` prints it; needed with a verdict.",
)
def decide(
    settings: Settings, pair: int | None, verdict: str | None, disclosure: str | None
) -> CommandResult:
    """Decide whether two records are one person. Without a verdict it shows them, as `show` does, and asks for it; without a pair, so for
    each pair that waits for you."""
    from throughway.identity.actions import reviewing
    from throughway.identity.review.verdicts import PairVerdict

    by = _reader(settings)
    if verdict is None and not settings.as_json:
        return _asked(by, pair)
    if pair is None or verdict is None or disclosure is None:
        raise click.UsageError(
            "Name the pair, the verdict, and with --disclosure the entry that `link review show` printed."
        )
    state = reviewing.decide(pair=pair, verdict=PairVerdict(verdict), disclosure=disclosure, by=by)
    return CommandResult({"pair": pair, "verdict": verdict, "state": str(state)}, _outcome(state))


def _outcome(state: str) -> str:
    return "Settled." if state == "settled" else "Noted; another reader is asked."


def _asked(by: Actor, pair: int | None) -> CommandResult:
    """Asks for a verdict on the pair, or on each that waits; who stops keeps what was answered before."""
    from throughway.identity.actions import reviewing
    from throughway.identity.review.selectors import waiting
    from throughway.identity.review.verdicts import PairVerdict

    numbers = [pair] if pair is not None else [each.pk for each in waiting(by)]
    for number in numbers:
        found = reviewing.show(pair=number, by=by)
        click.echo(_side_by_side(found))
        verdict = PairVerdict(click.prompt("One person?", type=click.Choice(VERDICTS)))
        state = reviewing.decide(pair=number, verdict=verdict, disclosure=found.disclosure, by=by)
        click.echo(_outcome(state))
    done = "The next `throughway link` applies it." if numbers else "No pair waits for you."
    return CommandResult({"pairs": numbers}, done)


@command(review, "back")
def back(settings: Settings) -> CommandResult:
    """Take back your last decision."""
    from throughway.identity.actions.reviewing import take_back

    pair = take_back(by=_reader(settings))
    return CommandResult({"pair": pair}, f"Your answer on pair {pair} is taken back.")


@command(review, "quality")
def quality(settings: Settings) -> CommandResult:
    """Estimate linkage quality from the pairs reviewed so far: shares with their ranges. Only counts are used."""
    from throughway.identity.review.sampling import measured
    from throughway.identity.review.selectors import purposes, sample

    drawn = sample() if purposes(_reader(settings)) else None
    if drawn is None:
        raise Refused(
            "No sample is drawn, or none is for you; run `throughway link --full`.", code="no_sample"
        )
    read = measured(drawn.strata, drawn.drawn, drawn.left_out)
    shares = {"precision": read.found.precision, "recall": read.found.recall}
    text = [
        f"{name:9s} {share.percent} ({share.between})" if share else f"{name:9s} too few pairs are read"
        for name, share in shares.items()
    ]
    return CommandResult(
        {name: asdict(share) if share else None for name, share in shares.items()}
        | {"read": read.read, "waiting": read.waiting, "left_out": read.left_out},
        "\n".join([*text, f"Read: {counted(read.read, 'pair')}; not yet: {read.waiting:,}."]),
    )
