"""Keeps the texts of agreements and their events append-only by database triggers."""

from throughway.partners.triggers import AppendOnly

SAME_PLACE = '"agreement" = NEW."agreement" AND "number" = NEW."number"'
SAME_SIGNATURE = (
    '"what" = \'sign\' AND NEW."what" = \'sign\' AND "agreement" = NEW."agreement" '
    'AND "version" = NEW."version" AND "partner" = NEW."partner"'
)
AGREEMENTS = AppendOnly(
    {
        "agreements_agreementversion": ("id", SAME_PLACE),
        "agreements_agreementevent": ("id", SAME_SIGNATURE),
        "agreements_signedpaper": ("sha256",),
    }
)
