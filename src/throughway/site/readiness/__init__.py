"""What stands between a community and its first published figure: one list, for `doctor`, the page *Getting started* and a new home."""
