"""Replaces the agreements' keys, for the operator."""

from collections.abc import Mapping

from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.store.actions import key_rotation


def rotate_agreement_keys(*, by: Actor) -> Mapping[str, int]:
    """Gives every agreement a new key; returns how many data keys each wraps. Only by the operator of the folder. Refused (busy) while
    loads or a destruction continue."""
    if not by.is_operator:
        raise Refused(
            "Only the operator of the folder replaces its keys; leave out --as.", code="not_allowed"
        )
    return key_rotation.rotate_agreement_keys(by=by)
