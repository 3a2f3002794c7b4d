"""A community's own question: asked in SQL or built on a page, counted by student, protected, and published."""
