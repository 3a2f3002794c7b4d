from tests.casework.group import groups

__all__ = ["groups"]
