"""Where something of what was destroyed may remain outside the folder, and until when."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Horizon:
    where: str
    what: str
    until: str


BACKUPS = (
    Horizon(
        "backups of data/",
        "sealed files, which no key opens any more, and facts under random numbers that nothing leads back from",
        "until the backup is deleted; brought back, the copy is known for what it is (throughway check), and no reader is given what was"
        " destroyed",
    ),
    Horizon(
        "copies of data/ that `throughway backup` did not make",
        "lists of rows that could not be read and files on their way in, as the partner wrote them; a backup leaves them out",
        "until the copy is deleted",
    ),
    Horizon(
        "backups of keys/",
        "the keys that were destroyed here, if a backup was made before: with data of the same time they open what was destroyed",
        "until the backup is deleted; delete those made before this certificate. To restore one all the same, give this certificate to"
        " throughway restore",
    ),
)
