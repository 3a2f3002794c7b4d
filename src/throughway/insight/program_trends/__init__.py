"""Trends by program: the outcomes of those who took part and of those who did not, as a report of its own."""
