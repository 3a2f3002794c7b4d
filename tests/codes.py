"""Takes out of a text what is drawn at random, so that a test may say that a short name or number is not in it."""

import re

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CODES = re.compile(rf"{UUID}|\b[0-9a-f]{{12,}}\b", re.I)


def without_codes(text: str) -> str:
    """The text without ids and digests: of 64 hexadecimal digits one in a hundred holds a given name such as Ada."""
    return CODES.sub("", text)
