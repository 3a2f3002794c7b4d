"""`link secret`, `link encode` and `link keys`: linkage without names.

`secret` and `encode` run on a partner's own machine, `keys` on the steward's, without the secret.
"""

import csv
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from throughway.cli.command import CommandResult, Settings, SuggestingChoice, command, group
from throughway.core.json_output import as_text
from throughway.core.prose import counted
from throughway.core.refusals import Refused

FILE = click.Path(path_type=Path, dir_okay=False)
FORMATS = ("csv", "xlsx", "oneroster", "edfi-xml", "edfi-jsonl")  # those of `load` that name persons
secret = group("secret", "The secret that the partners share and the steward never has.")


@command(secret, "new", opens=False)
@click.argument("file", type=FILE)
def new(settings: Settings, file: Path) -> CommandResult:
    """Make a secret, for partners only."""
    from throughway.identity.pprl.secret import new as drawn

    made = drawn(file)
    text = f"{file.name} is written. Give it to the other partners by a safe way, and never to the steward. Fingerprint {made.fingerprint}."
    return CommandResult({"secret": str(file), "fingerprint": made.fingerprint}, text)


@command(None, "encode", opens=False)
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=FILE, help="The file to write the keys to; you send this file.")
@click.option("--secret", "secret_file", required=True, type=FILE, help="The secret that the partners share.")
@click.option(
    "--format",
    "format_",
    default="csv",
    show_default=True,
    type=SuggestingChoice(FORMATS),
    help="The format of your file.",
)
@click.option(
    "--crosswalk", "mapped", type=FILE, help="The crosswalk from your columns to the vocabulary, as for load."
)
@click.option(
    "--key",
    default="person_id",
    show_default=True,
    help="Without a crosswalk: the column with your record keys.",
)
@click.option(
    "--tokens",
    "by_tokens",
    is_flag=True,
    help="Make tokens, which are either equal or not, in place of keys.",
)
@click.option(
    "--pseudonyms",
    type=FILE,
    help="Put random record keys in the file that you send, and write the list that resolves them here; do not send the list.",
)
@click.option("--leaks", "leaks_file", type=FILE, help="Write what the keys leak to this file, as JSON.")
def encode(
    settings: Settings, path: Path, out: Path, secret_file: Path, format_: str, mapped: Path | None, key: str, by_tokens: bool,
    pseudonyms: Path | None, leaks_file: Path | None,
) -> CommandResult:  # fmt: skip
    """Make linkage keys from your own file; no community is needed."""
    from throughway.identity.pprl.key_making import encode as make
    from throughway.identity.pprl.secret import read
    from throughway.intake.crosswalk import Crosswalk

    made = make(
        path, out=out, secret=read(secret_file), format=format_, crosswalk=Crosswalk.of_file(mapped) if mapped else None,
        key=key, by_tokens=by_tokens, pseudonyms=pseudonyms,
    )  # fmt: skip
    document = asdict(made)
    lines = [
        f"Encoded: {counted(made.rows, 'record')}, with the secret of fingerprint {made.fingerprint}. Left out, since too little is "
        f"known: {counted(made.left_out, 'record')}."
    ]
    if made.set_aside:
        lines.append(f"{counted(made.set_aside, 'row')} could not be read and went into no key.")
    if made.ignored:
        lines.append(f"Not read, since nothing says what it means: {counted(len(made.ignored), 'column')}.")
    lines += made.noticed
    if made.leaks:
        document["leaks"]["words"] = made.leaks.words()
        lines += ["", "What the keys leak:", *made.leaks.words()]
    else:
        lines.append(
            f"{made.lost:.1%} of the records lack a name or a birth date and have no strict token. A token is lost with one wrong "
            "letter: expect to miss about a third of the persons in both files, or fewer if the files are clean. Keys miss far fewer."
        )
    if not pseudonyms:
        lines.append(
            "Your record keys are in the file unchanged. If they have a meaning elsewhere, as a State's number does, send random ones "
            "with --pseudonyms."
        )
    if leaks_file:
        try:
            leaks_file.write_text(as_text(document), encoding="utf-8")
        except OSError:
            raise Refused(
                f"{leaks_file.name} cannot be written there; name another folder.", code="unwritable"
            ) from None
    return CommandResult(document, "\n".join(lines))


@command(None, "keys", opens=False)
@click.argument("files", metavar="FILE FILE...", type=FILE, nargs=-1, required=True)
@click.option("--out", required=True, type=FILE, help="The file to write the pairs of record keys to.")
@click.option("--groups", type=FILE, help="Write one linkage key for each person to this file, to be loaded.")
def keys(settings: Settings, files: tuple[Path, ...], out: Path, groups: Path | None) -> CommandResult:
    """Link the keys of two or more partners; the secret is not needed."""
    from throughway.identity.pprl.key_files import read
    from throughway.identity.pprl.linking import link

    if len(files) < 2:
        raise Refused("Name the files of two partners or more.", code="form")
    linked = link([read(file) for file in files])
    _write(out, ["one_file", "one", "other_file", "other", "likeness"],
           ([m.one_file, m.one, m.other_file, m.other, f"{m.likeness:.4f}"] for m in linked.matches))  # fmt: skip
    persons = sorted(set(linked.groups.values()))
    if groups:
        named = {person: secrets.token_hex(8) for person in persons}
        _write(groups, ["file", "record_key", "linkage_key"],
               ([file, record, named[person]] for (file, record), person in sorted(linked.groups.items())))  # fmt: skip
    lines = []
    for b in linked.between:
        how = (
            f"From a likeness of {b.enough:.2f} on, as the keys themselves teach; about {b.expected_wrong:.1%} may be wrong."
            if b.learned
            else f"From a likeness of {b.enough:.2f} on, which is a usual value: the keys teach too little."
            if b.enough < 1
            else "By equal tokens."
        )
        lines.append(f"{b.one_file} and {b.other_file}: {counted(b.matches, 'person')} in both. {how}")
    between = [
        asdict(b) | {"expected_wrong": b.expected_wrong if b.learned else None} for b in linked.between
    ]
    return CommandResult(
        {"pairs": len(linked.matches), "persons": len(persons), "between": between}, "\n".join(lines)
    )


def _write(path: Path, heading: list[str], rows: Iterable[list[str]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            writer.writerows(rows)
    except OSError:
        raise Refused(
            f"{path.name} cannot be written there; name another folder.", code="unwritable"
        ) from None
