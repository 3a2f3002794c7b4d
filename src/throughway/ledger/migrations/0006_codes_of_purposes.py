"""Random codes belong to a purpose (docs/decisions/0044). Until now every purpose of an agreement showed the same ones; here they become
those of one purpose, or nobody's, and then they are superseded, so that the next sweep destroys them."""

from collections import Counter
from uuid import uuid4

from django.db import migrations
from django.utils import timezone

from throughway.core.yaml_text import UnreadableText, values_of

TABLES = ("pseudonym", "value_code")
OF = "/"  # between the agreement and the purpose; an agreement's id has none
LONGEST = 200  # characters of a name in the manifest


def codes_of_purposes(apps, schema_editor):
    StoredFile, StoreVersion = apps.get_model("store", "StoredFile"), apps.get_model("store", "StoreVersion")
    live = StoredFile.objects.filter(table__in=TABLES, state="live")
    agreements = {name for name in live.values_list("partner", flat=True) if OF not in name}
    if not agreements:
        return
    version = StoreVersion.objects.get(id=1)
    version.number, version.token = version.number + 1, uuid4().hex
    version.save()
    for agreement in sorted(agreements):
        owner = keeps_codes(showed_codes(apps, agreement), extracts_of(apps, agreement))
        name = f"{agreement}{OF}{owner}"
        files = live.filter(partner=agreement)
        if owner and len(name) <= LONGEST:
            files.update(partner=name)
        else:
            files.update(state="retired", retired_in=version.number, retired_at=timezone.now())


def keeps_codes(showed, extracts):
    """The purpose that keeps the codes: the one that alone showed them; else the one with most extracts, which research goes on from.
    None where several showed them and nobody holds an extract. `extracts`: the purpose of each."""
    if len(showed) == 1:
        return next(iter(showed))
    counted = Counter(sorted(extracts))
    return counted.most_common(1)[0][0] if counted else None


def showed_codes(apps, agreement):
    """The purposes under which the agreement's codes were handed out, as the ledger says."""
    released = apps.get_model("gate", "LedgerEntry").objects.filter(outcome="released")
    used = released.order_by().values_list("purpose", "agreements").distinct()
    asked = {purpose for purpose, agreements in used if agreement in {id for id, _ in agreements}}
    return asked & under_codes(apps, agreement)


def under_codes(apps, agreement):
    """The purposes that some text of the agreement shows under codes, or with a value as a code."""
    found = set()
    for text in apps.get_model("agreements", "AgreementVersion").objects.filter(agreement=agreement).values_list("text", flat=True):
        try:
            values = values_of(text)
        except UnreadableText:
            continue
        found |= {p.get("id") for p in values.get("purposes") or () if p.get("form") == "pseudonymous"}
        for line in values.get("schedule") or ():
            if line.get("transform") == "pseudonym":
                named = line.get("purposes") or ()
                found |= {named} if isinstance(named, str) else set(named)
    return found


def extracts_of(apps, agreement):
    held = apps.get_model("extracts", "Extract").objects.filter(agreement=agreement, written_at__isnull=False)
    return list(held.values_list("purpose", flat=True))


class Migration(migrations.Migration):

    dependencies = [
        ("gate", "0005_mac"),
        ("store", "0002_storeversion_database"),
        ("agreements", "0001_initial"),
        ("extracts", "0001_initial"),
    ]

    operations = [migrations.RunPython(codes_of_purposes, migrations.RunPython.noop)]
