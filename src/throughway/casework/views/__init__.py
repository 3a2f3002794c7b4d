"""Students in the browser: my students, one student, and who works with whom."""
