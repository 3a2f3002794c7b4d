"""Saves what people say of comments, keeps the community's themes, and forgets both with the records."""

import re
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.insight.comments.counting import CommentKey
from throughway.insight.models import CommentCoding, CommentTheme
from throughway.partners import Actor

MOST = 30  # themes
AT_ONCE = 500  # record numbers in one statement
# A number, an address or a handle may be somebody's.
TELLS = re.compile(r"[@\d]")


def add_theme(*, name: str, by: Actor) -> CommentTheme:
    """Refused where the name could tell who somebody is, where there is such a theme, and where there are as many as may be."""
    if CommentTheme.objects.count() >= MOST:
        raise Refused(
            f"There are {MOST} themes, the most there may be; delete one that no comment has.", code="themes"
        )
    return CommentTheme.objects.create(name=_checked(name), by=by.email, at=timezone.now())


def rename_theme(*, number: int, name: str, by: Actor) -> None:
    theme = _theme(number)
    theme.name, theme.by, theme.at = _checked(name, but=number), by.email, timezone.now()
    theme.save()


def delete_theme(*, number: int) -> None:
    """Refused where a comment has it."""
    theme = _theme(number)
    if theme.commentcoding_set.exists():
        raise Refused("Comments have this theme, so it stays; you can rename it.", code="themes")
    theme.delete()


def _theme(number: int) -> CommentTheme:
    theme = CommentTheme.objects.filter(pk=number).first()
    if theme is None:
        raise Refused("There is no such theme any more.", code="themes")
    return theme


def _checked(name: str, but: int = 0) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Refused("Give the theme a name of at most 60 characters.", code="themes")
    if TELLS.search(name):
        raise Refused(
            "A theme is published: write it without digits and without @, and name nobody.", code="themes"
        )
    if CommentTheme.objects.filter(name__iexact=name).exclude(pk=but).exists():
        raise Refused("There is a theme of that name.", code="themes")
    return name


@transaction.atomic
def save_codings(
    *, coded: Mapping[CommentKey, Collection[int]], agreements: Mapping[str, str], by: Actor
) -> None:
    """Saves the themes of comments that were read, in place of what was said before. `coded`: numbers of themes by comment;
    `agreements`: by partner, the agreement under which its comments were read."""
    for (partner, record, survey, question, day), numbers in coded.items():
        row, _ = CommentCoding.objects.update_or_create(
            partner=partner, record=record, survey=survey, question=question, day=day,
            defaults={"agreement": agreements[partner], "by": by.email, "at": timezone.now()},
        )  # fmt: skip
        row.themes.set(CommentTheme.objects.filter(pk__in=numbers))


def forget_codings(gone: Gone) -> Mapping[str, int]:
    """Deletes what was said of comments that are destroyed."""
    parts = [Q(agreement=gone.agreement)] if gone.agreement else []
    parts += [Q(partner=gone.partner)] if gone.partner else []
    parts += [Q(partner__in=gone.empty)] if gone.empty else []
    parts += [
        Q(agreement=agreement, partner=partner, record=record)
        for agreement, partner, record in sorted(gone.consents)
    ]
    for partner, records in sorted(gone.records.items()):
        numbers = sorted(records)
        parts += [
            Q(partner=partner, record__in=numbers[at : at + AT_ONCE])
            for at in range(0, len(numbers), AT_ONCE)
        ]
    rows = 0
    for part in parts:
        rows += CommentCoding.objects.filter(part).delete()[1].get("insight.CommentCoding", 0)
    return {"codings of survey comments": rows} if rows else {}
