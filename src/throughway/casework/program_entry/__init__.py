"""A program’s own record of a student whom it took on by referral or at the door, made on the site (decision 28)."""
