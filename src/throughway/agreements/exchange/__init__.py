"""Agreements as other forms have them, and back: a paper to sign, ODCS, ODRL, and the National Data Privacy Agreement."""
