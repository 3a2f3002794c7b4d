"""The pipeline: where students are lost on the way."""
