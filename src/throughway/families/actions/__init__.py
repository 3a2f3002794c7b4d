"""Every step of a family's request, of a limit, a window and an incident."""
