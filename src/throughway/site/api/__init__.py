"""The HTTP API: the packages' endpoints for programs, under one root, and its description generated from the same code."""
