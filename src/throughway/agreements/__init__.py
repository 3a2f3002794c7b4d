"""The agreement document, its review, its life, and the grants it compiles to."""
