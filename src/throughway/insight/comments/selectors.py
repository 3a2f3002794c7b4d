"""Who may read comments, which there are, and what was said of them. Words are read through the gate, a few at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.utils.crypto import salted_hmac

from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.selectors import agreement_statuses
from throughway.gate.actions import AmendmentStatement, GovernedAccess, enter
from throughway.gate.available_purposes import openings
from throughway.gate.compiler import withheld_texts
from throughway.insight.actions import visible_data_of
from throughway.insight.comments.counting import (
    COMMENT,
    NEEDED,
    CommentKey,
    comment_rows,
    key_of,
    why_not,
)
from throughway.insight.experiences.counting import TABLE
from throughway.insight.models import CommentCoding, CommentTheme
from throughway.insight.trends.choices import choices_of
from throughway.measures.sql import text
from throughway.partners import Actor, Role
from throughway.partners.selectors import users

AT_ONCE = 5  # comments of a page
CAN_ACT = (Role.CASE_WORKER, Role.PRIVACY_OFFICER, Role.LEADER)
KINDS = tuple(kind for kind in PurposeKind if kind is not PurposeKind.LINKAGE)


@dataclass(frozen=True)
class CommentPurpose:
    """A purpose in effect that names the reader and shows rows with comments."""

    purpose: str
    interest: str


@dataclass(frozen=True)
class CommentedQuestion:
    """One question of one survey, with how many comments it has, and how many of them were read."""

    survey: str
    question: str
    written: int
    read: int


@dataclass(frozen=True)
class ReadComment:
    """One comment. `id`: its name on the page, of which nobody can tell whose it is; `words`: what the student wrote; `themes`: numbers
    of its themes so far."""

    id: str
    words: tuple[str, ...]
    day: date
    themes: frozenset[int]
    read: bool


def comment_purposes(reader: Actor, on: date) -> list[CommentPurpose]:
    """The purposes under which the reader may read comments, each once."""
    standings = agreement_statuses(on)
    showing = {
        (standing.document.id, grant.purpose)
        for standing in standings
        for grant in grants_of(standing, standings)
        if grant.table == TABLE and COMMENT in grant.columns and grant.form is not AccessForm.AGGREGATE
    }
    found = [each for each in openings(standings, reader, KINDS) if (each.agreement, each.purpose) in showing]
    return [CommentPurpose(*pair) for pair in {each.purpose: each.interest for each in found}.items()]


def withheld_comments(reader: Actor, on: date) -> list[str]:
    """Why purposes in effect that name the reader and list comments show none, in a sentence each."""
    standings = agreement_statuses(on)
    opened = {(each.agreement, each.purpose) for each in openings(standings, reader, KINDS)}
    found = [
        grant
        for standing in standings
        for grant in grants_of(standing, standings)
        if (grant.agreement, grant.purpose) in opened
    ]
    return list(withheld_texts(found, TABLE, [COMMENT]))


def themes() -> list[CommentTheme]:
    return list(CommentTheme.objects.order_by("name"))


def codings() -> dict[CommentKey, tuple[str, ...]]:
    """The themes of every comment that was read, for the report."""
    return {
        _key(row): tuple(sorted(theme.name for theme in row.themes.all()))
        for row in CommentCoding.objects.prefetch_related("themes")
    }


def _key(row: CommentCoding) -> CommentKey:
    return row.partner, row.record, row.survey, row.question, row.day


class CommentReader:
    """The comments that one purpose shows one reader today. Refused (not_allowed) where it shows none."""

    def __init__(self, reader: Actor, purpose: str) -> None:
        self.access: GovernedAccess = enter(actor=reader, purpose=purpose)
        self.choices = choices_of(settings.COMMUNITY)
        self.visible = visible_data_of(self.access.grants)

    @property
    def lacks(self) -> tuple[str, ...]:
        """The partners whose comments come without what is needed to read them."""
        given = set(self.visible.partners(TABLE, COMMENT))
        return tuple(sorted(given - set(self.visible.partners(TABLE, *NEEDED))))

    @cached_property
    def keys(self) -> list[CommentKey]:
        """The comments that may be read, in an order that tells nothing."""
        return sorted((key for key in self._found if key[2] not in self.not_read), key=self.id_of)

    @cached_property
    def not_read(self) -> dict[str, str]:
        """Why the community's own file keeps the comments of a survey from being read."""
        surveys = {key[2] for key in self._found}
        return {each: why for each in sorted(surveys) if (why := why_not(each, self.choices))}

    @cached_property
    def _found(self) -> set[CommentKey]:
        if self.lacks or not self.visible.shows(TABLE, *NEEDED):
            return set()
        rows = self.access.rows_to_code(_line(comment_rows(self.visible))).tables["answer"].to_pylist()
        return {key_of(row) for row in rows}

    @cached_property
    def coded(self) -> dict[CommentKey, frozenset[int]]:
        """The numbers of the themes of each comment that was read."""
        rows = CommentCoding.objects.filter(survey__in={key[2] for key in self.keys}).prefetch_related(
            "themes"
        )
        return {_key(row): frozenset(theme.pk for theme in row.themes.all()) for row in rows}

    def id_of(self, key: CommentKey) -> str:
        """The name of a comment on this purpose's pages, and its place among them: the same each time, made with the site's secret so that it
        tells nothing of the student, and of no other purpose, so that two purposes' pages cannot be put side by side by it."""
        made_of = "\x1f".join(map(str, (self.access.purpose, *key)))
        return salted_hmac("throughway.comments", made_of).hexdigest()[:24]

    def by_id(self, survey: str, question: str) -> Mapping[str, CommentKey]:
        """The comments on one question, by their names on the pages."""
        return {self.id_of(key): key for key in self.keys if key[2:4] == (survey, question)}

    def questions(self) -> list[CommentedQuestion]:
        found: dict[tuple[str, str], list[CommentKey]] = {}
        for key in self.keys:
            found.setdefault((key[2], key[3]), []).append(key)
        return [
            CommentedQuestion(*pair, len(keys), sum(key in self.coded for key in keys))
            for pair, keys in sorted(found.items())
        ]

    def waiting(self, survey: str, question: str, *, read: bool) -> list[CommentKey]:
        """The comments on one question that were read, or were not."""
        return [key for key in self.keys if key[2:4] == (survey, question) and (key in self.coded) is read]

    def words(
        self, keys: Collection[CommentKey]
    ) -> tuple[list[ReadComment], Sequence[AmendmentStatement], str]:
        """These comments on one question in order, with families' statements on them, and the id of the ledger's entry of this reading,
        which names their writers alone."""
        if not keys:
            return [], (), ""
        [(survey, question)] = {key[2:4] for key in keys}
        of_one = f" AND survey_identifier = {text(survey)} AND survey_question_code = {text(question)}"
        sql = _line(comment_rows(self.visible, COMMENT)) + of_one
        taken = self.access.rows_to_code(sql, records={key[1] for key in keys})
        said: dict[CommentKey, list[str]] = {}
        for row in taken.tables["answer"].to_pylist():
            said.setdefault(key_of(row), []).append(str(row[COMMENT]))
        shown = [
            ReadComment(self.id_of(key), tuple(said[key]), key[4], self.coded.get(key, frozenset()), key in self.coded)
            for key in keys
            if key in said
        ]  # fmt: skip
        return shown, taken.statements, taken.disclosure

    def agreement(self, partner: str) -> str:
        """The agreement that shows this partner's comments: what is said of them goes with it."""
        return min(
            g.agreement
            for g in self.access.grants
            if g.table == TABLE and g.discloser == partner and COMMENT in g.columns
        )


def who_can_act(partner: str) -> list[Actor]:
    """The people of a partner who can find a child by its own survey, or can send somebody who does."""
    return sorted(
        (user for user in users() if user.partner == partner and user.role in CAN_ACT),
        key=lambda user: (CAN_ACT.index(user.role), user.email),
    )


def _line(sql: str) -> str:
    return " ".join(line.strip() for line in sql.splitlines()).strip()
