"""The directory of supports: programs and services, their places, days, seats and eligibility, and which of them fit a student.

An entry describes a program and says nothing about any student. Matching reads a student's record only as far as the gate has shown it to
the reader.
"""
