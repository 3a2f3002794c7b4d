"""Notes about contacts: three fields, kept as they are typed."""
