"""The one way to student data: decide, compile, run, record."""
