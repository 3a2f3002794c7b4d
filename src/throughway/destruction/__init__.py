"""The end of data, of an agreement, a partner, a person or a consent: what goes, what stays and why, and the certificate."""
