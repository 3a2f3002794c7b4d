"""Protects against formulas in spreadsheets: a text that begins like a formula would be computed when the file is opened."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """The text, with a quote before it if a spreadsheet would take it for a formula: `=1+1` becomes `'=1+1`."""
    return f"'{text}" if text.startswith(FORMULA) else text
