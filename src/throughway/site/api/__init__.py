"""The HTTP API: what the rooms publish for programs, under one root, and its description made of the same code."""
