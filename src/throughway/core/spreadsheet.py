"""Protects against formulas in spreadsheets: a text that begins like a formula would be computed when the file is opened."""

import re

FORMULA = "=+-@\t\r"  # what a formula may begin with
LIKE_A_FORMULA = rf"^'*[{re.escape(FORMULA)}]"


def safe(text: str) -> str:
    """The text, with a quote before it if a spreadsheet would take it for a formula: `=1+1` becomes `'=1+1`. One that begins with quotes
    and then like a formula gets another, so that `plain` gives back each text as it was."""
    return f"'{text}" if re.match(LIKE_A_FORMULA, text) else text


def plain(text: str) -> str:
    """The text that `safe` was given."""
    return text[1:] if text.startswith("'") and re.match(LIKE_A_FORMULA, text) else text
