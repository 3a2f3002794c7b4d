"""Asks for counts on pages, and carries them out as the background process does, in this process."""

from collections.abc import Mapping

from django.test import Client

from throughway.insight.counts.actions import COUNT
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.models import AskedWork


def counted(client: Client, address: str, given: Mapping[str, str]) -> str:
    """The page to which the form at `address` leads, after what was asked for is counted."""
    response = client.post(address, given)
    assert response.status_code == 302, response.status_code
    for pk in AskedWork.objects.filter(state="waiting").values_list("pk", flat=True):
        carry_out(COUNT, pk)
    return str(client.get(response.headers["Location"]).content.decode())


def preview(client: Client, address: str, given: Mapping[str, str]) -> str:
    """The page of the preview."""
    assert "The preview is ready" in counted(client, address, given)
    kind = address.strip("/").split("/")[0]
    return str(client.get(f"/{kind}/preview/{AskedWork.objects.latest('pk').pk}/").content.decode())
