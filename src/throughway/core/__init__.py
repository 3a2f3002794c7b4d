"""What every room needs: refusals, days and lists in words, caches, JSON."""
