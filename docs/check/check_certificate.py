"""Checks a certificate of destruction, with nothing of Throughway: python check_certificate.py CERTIFICATE.json HEAD.json|KEY [FOLDER]

HEAD.json is a head of the ledger that you kept yourself: the certificate must be signed with the same key. KEY is that key alone, 64
hexadecimal digits as you were given them. Without either anybody could have signed it, so nothing is said to hold. FOLDER is a
community folder, or a copy of one: none of the destroyed files may be in it, nor any key of them. Needs: pip install cryptography
"""

import json
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signed(document: dict) -> bool:
    """The certificate is signed with the key that it names."""
    said = json.dumps(document["certificate"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["key"]))
        key.verify(bytes.fromhex(document["signature"]), said.encode())
    except Exception:
        return False
    return True


def sums(body: dict) -> str:
    """What its tables say of rows is what its list of files says."""
    gone = body["destroyed"]
    by_table = sum(table["destroyed"] for table in gone["tables"])
    if by_table != sum(gone["rows"].values()):
        return "The rows by table do not add up to the rows that were destroyed."
    if by_table != sum(file["rows"] - file["kept"] for file in gone["listed"]):
        return "The rows of the files do not add up to the rows that were destroyed."
    if gone["files"] != len(gone["listed"]):
        return "The list of files is not as long as the certificate says."
    return "" if not body["scan"]["found"] else "Its own scan found values of what was destroyed."


def still_there(body: dict, folder: Path) -> str:
    """A destroyed file, or a key of one, that lies in the folder: by its name, and by its content under any name."""
    gone = {file["id"]: file["sha256"] for file in body["destroyed"]["listed"]}
    sizes = {file["bytes"] for file in body["destroyed"]["listed"]}
    digests = set(gone.values())
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        if path.stem in gone and path.suffix in (".parquet", ".sealed", ".wrap"):
            return f"{path} is there, and was to be destroyed."
        if path.stat().st_size in sizes and sha256(path.read_bytes()).hexdigest() in digests:
            return f"{path} holds the bytes of a file that was to be destroyed."
    if body["kind"] == "agreement" and (folder / "keys" / body["subject"].replace(".", "%2E")).exists():
        return f"The key of {body['subject']} is there, and was to be destroyed."
    return ""


def fault(document: dict, folder: Path | None, known: str) -> str:
    """What does not hold, in a sentence; empty when everything does."""
    body = document["certificate"]
    if not signed(document):
        return "The signature of the certificate does not hold."
    if known and known != document["key"]:
        return "The certificate was signed with another key than the one that you know."
    if found := sums(body) or (still_there(body, folder) if folder else ""):
        return found
    if not known:
        return f"It is signed by a key you have not named, {document['key']}: give a head of the ledger that you kept, or the key."
    return ""


def given(name: str) -> dict | str:
    """The document in a file, or the key that was typed; ends with a sentence where it is neither."""
    if len(name) == 64 and set(name.lower()) <= set("0123456789abcdef"):
        return name.lower()
    try:
        with open(name, encoding="utf-8") as file:
            return json.load(file)
    except OSError:
        sys.exit(
            f"There is no file {name} that can be read, and a key has 64 hexadecimal digits; correct it."
        )
    except ValueError:
        sys.exit(f"{name} is cut short or something else; take your copy of the file.")


if __name__ == "__main__":
    folders = [Path(name) for name in sys.argv[2:] if Path(name).is_dir()]
    document, *heads = [given(name) for name in sys.argv[1:] if Path(name) not in folders] or [None]
    try:
        known = [head if isinstance(head, str) else head["key"] for head in heads]
        found = fault(document, folders[0] if folders else None, known[0] if known else "")
    except (ValueError, KeyError, TypeError, AttributeError):
        found = "A file is missing, cut short or something else; give a certificate, and a head that you kept or the key."
    if found:
        sys.exit(found)
    body = document["certificate"]
    rows = sum(body["destroyed"]["rows"].values())
    whose = "agreement, in part," if body["kind"] == "part" else body["kind"]
    sys.stdout.write(
        f"It holds. {body['id']}: {rows:,} rows and {body['destroyed']['files']:,} files of the {whose} {body['subject']},"
        f" ordered by {body['ordered']['by']}, finished {body['finished'][:10]}.\n"
        + "".join(f"Kept: {kept['what']}: {kept['why']}\n" for kept in body["kept"])
    )
