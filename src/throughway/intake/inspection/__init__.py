"""What a partner's file holds, before anything of it is stored: its format, its columns, and the crosswalk that would load it."""
