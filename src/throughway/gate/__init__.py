"""The one door to student data: decide, compile, run, record."""
