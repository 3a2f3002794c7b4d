"""What families answer to consent forms: a case worker’s page for one student, and the officer who compares the signed paper."""
