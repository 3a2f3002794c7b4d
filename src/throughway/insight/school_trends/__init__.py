"""Trends by school: the outcomes of each school's own classes, as a report of its own."""
