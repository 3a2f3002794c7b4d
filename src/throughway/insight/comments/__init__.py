"""Comments of surveys: read by a person, coded by themes, and counted; never published."""
