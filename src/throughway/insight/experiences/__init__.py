"""Experiences: what students answer in surveys, with response rates, beside the outcomes of the same schools."""
