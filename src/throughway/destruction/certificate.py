"""The certificate of one destruction: what, by which method, when, by whom, what was kept and why, and what remains elsewhere.
It names no student, only tables, counts and digests of files. Signed with the key that signs the heads of the ledger.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from throughway.core.prose import counted
from throughway.paper import Block, Facts, Note, PaperHeading, PaperTable, Paragraph

FORMAT = "throughway-certificate/1"
METHOD = (
    "The files with the destroyed data were taken out of use in one transaction. The remaining rows were first written to new files,"
    " those of the vault under new keys.",
    "The bytes of each file were overwritten in place and its name was removed (NIST SP 800-88 purge, by cryptographic erasure where"
    " the file was sealed).",
    "Every wrapped key of each sealed file was overwritten and removed, and the agreement's own key with them, so that no copy of a"
    " sealed file can be opened.",
    "The registers deleted their entries in one transaction. The database overwrites deleted values, and its log was written back and"
    " emptied.",
    "Every file of the folder was searched for values drawn from the destroyed data.",
)
OWN_KEY = ", and the agreement's own key with them,"
METHOD_OF_A_PART = tuple(sentence.replace(OWN_KEY, "") for sentence in METHOD)


@dataclass(frozen=True)
class Certificate:
    """One certificate as it was signed. `path`: its JSON; `body`: what was signed."""

    id: str
    path: str
    body: Mapping[str, Any]

    @property
    def destroyed(self) -> Mapping[str, Any]:
        counts: Mapping[str, Any] = self.body["destroyed"]
        return {name: counts[name] for name in ("rows", "values", "files", "keys", "registers")}

    @property
    def kept(self) -> Sequence[Mapping[str, str]]:
        found: Sequence[Mapping[str, str]] = self.body["kept"]
        return found

    def to_json(self) -> dict[str, object]:
        return {"certificate": self.path, "destroyed": self.destroyed, "kept": list(self.kept)}


def message(body: Mapping[str, Any]) -> bytes:
    """The bytes that are signed."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def signed(body: Mapping[str, Any], signing: Ed25519PrivateKey) -> dict[str, Any]:
    key = signing.public_key().public_bytes_raw().hex()
    return {"certificate": body, "key": key, "signature": signing.sign(message(body)).hex()}


TITLES = {
    "agreement": "Certificate of destruction under {}",
    "part": "Certificate of destruction of a part of the data under {}",
    "partner": "Certificate of destruction of the records of {}",
    "person": "Certificate of destruction of one person's records",
    "consent": "Certificate of destruction of rows that a consent housed",
    "load": "Certificate of destruction of a load that was taken back",
}


def title_of(body: Mapping[str, Any]) -> str:
    return TITLES[body["kind"]].format(body["subject"])


def blocks_of(body: Mapping[str, Any]) -> list[Block]:
    """The certificate as a paper."""
    return [
        *_order_of(body),
        *_destroyed(body["destroyed"]),
        *_kept(body["kept"]),
        *_holders(body["holders"]),
        *_copies(body.get("copies", ())),
        *_how(body),
        *_files(body["destroyed"]["listed"]),
        Note(
            "The certificate itself is the JSON file that comes with this paper. It is signed with the key that signs the heads of the"
            " ledger. A short script that does not need Throughway checks it (docs/check/check_certificate.py).",
            title="To check it",
        ),
    ]


def _order_of(body: Mapping[str, Any]) -> Iterator[Block]:
    ordered = body["ordered"]
    of = f" of {ordered['partner']}" if ordered["partner"] else ""
    who = f"{ordered['role'].replace('_', ' ')}{of} ({ordered['by']})"
    yield Facts(
        (
            ("Certificate", body["id"]),
            ("Community", body["community"]),
            ("Ordered by", f"{who}, {_moment(ordered['at'])}"),
            *((("Asked for by", ordered["asked_by"]),) if ordered["asked_by"] else ()),
            *((("Why", ordered["why"]),) if ordered["why"] else ()),
            ("Finished", _moment(body["finished"])),
        )
    )


def _destroyed(gone: Mapping[str, Any]) -> Iterator[Block]:
    yield PaperHeading("What was destroyed")
    yield Paragraph(
        f"{counted(sum(gone['rows'].values()), 'row')} and {counted(sum(gone['values'].values()), 'further value')}, in "
        f"{counted(gone['files'], 'file')}; {counted(gone['keys'], 'key')}."
    )
    if gone["tables"]:
        yield PaperTable(
            ("Records of", "Table", "Rows before", "Rows destroyed", "Values destroyed in rows that stay"),
            tuple(
                (
                    t["partner"] or "the community", t["table"], f"{t['rows']:,}", f"{t['destroyed']:,}",
                    f"{sum(t['values'].values()):,}",
                )
                for t in gone["tables"]
            ),
            caption="By table", widths=(3, 3, 2, 2, 3), numbers=(2, 3, 4),
        )  # fmt: skip
    if gone["registers"]:
        yield Facts(tuple((words.capitalize(), f"{count:,}") for words, count in gone["registers"].items()))


def _kept(kept: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    yield PaperHeading("What was kept, and why")
    yield Facts(tuple((k["what"], k["why"]) for k in kept)) if kept else Paragraph("Nothing.")


def _holders(holders: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    if holders:
        yield PaperHeading("Who holds copies")
        yield Paragraph(
            "According to the ledger, these partners were shown the data. Each certifies that its own copies are destroyed."
        )
        yield PaperTable(
            ("Partner", "Disclosures", "The last on"),
            tuple((h["partner"], f"{h['disclosures']:,}", h["last"]) for h in holders),
            numbers=(1,),
        )


def _copies(copies: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    if copies:
        yield PaperHeading("Extracts that their holders must destroy")
        yield Paragraph(
            "These files left the platform with codes in place of names. Their holders must destroy every copy and certify it."
        )
        yield PaperTable(
            ("Extract", "Held by", "Made on", "Gone by"),
            tuple((c["id"], c["partner"], c["made"], c["until"]) for c in copies),
        )


def _how(body: Mapping[str, Any]) -> Iterator[Block]:
    yield PaperHeading("How")
    yield from (Paragraph(sentence) for sentence in body["method"])
    yield PaperHeading("What remains elsewhere, and until when")
    yield PaperTable(
        ("Where", "What", "Until"),
        tuple((h["where"], h["what"], h["until"]) for h in body["horizons"]), widths=(2, 3, 3),
    )  # fmt: skip
    yield PaperHeading("How it was verified")
    yield Paragraph(scanned(body["scan"]))
    if body["handed_over"]:
        yield Facts(
            tuple(
                (
                    f"Handed over to {h['partner']}",
                    f"{counted(h['entries'], 'entry', 'entries')} of the ledger; sealed file {h['sha256'][:16]}…, to be collected until {h['until']}",
                )
                for h in body["handed_over"]
            )
        )


def _files(listed: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    if listed:
        yield PaperHeading("The files, as the manifest had them")
        yield PaperTable(
            ("File", "Table", "Records of", "Rows", "Rows kept", "SHA-256"),
            tuple(
                (f["id"][:12], f["table"], f["partner"], f"{f['rows']:,}", f"{f['kept']:,}", f["sha256"][:24])
                for f in listed
            ),
            widths=(2.2, 2.4, 2.2, 1.2, 1.2, 3.6), numbers=(3, 4),
        )  # fmt: skip


def scanned(scan: Mapping[str, Any]) -> str:
    """The result of the scan, in a sentence or two."""
    if scan.get("lost"):
        return (
            f"None of the destroyed files, and none of their keys, is among the {scan['files']:,} files of the folder. The folder could not"
            " be searched for values drawn from the destroyed data: the destruction was interrupted, and the key of these values was not"
            " in keys/ when it continued."
        )
    if not scan["values"]:
        return (
            f"None of the destroyed files, and none of their keys, is among the {scan['files']:,} files of the folder. The destroyed data"
            " had no value that is long enough to rule out a chance match, so no value was searched for."
        )
    sentences = (
        f"Searched for: {counted(scan['values'], 'value')} drawn from the destroyed data. Searched: {counted(scan['files'], 'file')} of the "
        f"folder ({scan['bytes']:,} bytes) and the columns of {counted(scan['opened'], 'stored file')}. No file of the platform holds any "
        "of the values."
    )
    if scan["elsewhere"]:
        sentences += f" {counted(len(scan['elsewhere']), 'file')} that people put there hold some of them and are listed under what was kept."
    return sentences


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"


@dataclass(frozen=True)
class Horizon:
    where: str
    what: str
    until: str


BACKUPS = (
    Horizon(
        "backups of data/",
        "sealed files that no key opens, and facts under random numbers that cannot be traced back",
        "until the backup is deleted; `throughway check` recognizes a restored copy, and no reader is given the destroyed data",
    ),
    Horizon(
        "copies of data/ that `throughway backup` did not make",
        "lists of rows that could not be read and files on their way in, as the partner wrote them; a backup leaves them out",
        "until the copy is deleted",
    ),
    Horizon(
        "backups of keys/",
        "the keys that were destroyed here, if a backup was made before: with a backup of the data from the same time they open the destroyed data",
        "until the backup is deleted; delete those made before this certificate. To restore one anyway, give this certificate to"
        " `throughway restore`",
    ),
)
