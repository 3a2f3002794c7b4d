"""The clearinghouse's StudentTracker detail report."""
