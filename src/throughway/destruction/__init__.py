"""The end of an agreement's data: what goes, what stays and why, and the certificate."""
