from tests.casework.group import groups
from tests.casework.tutoring import tutors, tutors_town

__all__ = ["groups", "tutors", "tutors_town"]
