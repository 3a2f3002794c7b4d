"""What a spreadsheet makes of a cell: a text that begins like a formula would be computed by whoever opens the file."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """The text, with a quote before it where a spreadsheet would take it for a formula: `=1+1` is '=1+1."""
    return f"'{text}" if text.startswith(FORMULA) else text
