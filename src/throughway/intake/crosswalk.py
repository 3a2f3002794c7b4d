"""The crosswalk: how a partner's columns become the vocabulary's. Its fields are a stable interface; unknown ones are refused by
name."""

import codecs
import re
import zoneinfo
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from throughway.core.model_faults import in_words, known_fields, path_of
from throughway.core.refusals import Refused, did_you_mean
from throughway.core.yaml_text import UnreadableText, text_in, unquoted_hash, values_of
from throughway.intake.feeds.contract import FeedContract
from throughway.intake.formats import BY_CROSSWALK, FORMATS, READABLE
from throughway.vocabulary import TABLES

# Supported encodings, by their names in `codecs`; aliases such as latin1 and windows-1252 are resolved to them.
ENCODINGS = {
    "utf-8": "utf-8",
    "ascii": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "iso8859-1": "latin-1",
    "cp1252": "cp1252",
    "iso8859-15": "iso8859-15",
    "cp437": "cp437",
    "cp850": "cp850",
    "mac-roman": "mac-roman",
}
NOTHING = ("", "NULL", "N/A")  # texts that mean a missing value, unless the crosswalk says otherwise


def _format(text: str) -> str:
    """Checks the name of a file format."""
    if text not in FORMATS:
        near = did_you_mean(text, list(READABLE))
        raise ValueError(f"must be one of {', '.join(READABLE)}" + (f"; {near}" if near else ""))
    return text


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _encoding(text: str) -> str:
    """The codec name of an encoding."""
    try:
        return ENCODINGS[codecs.lookup(text.strip()).name]
    except (LookupError, ValueError):
        raise ValueError(f"encoding must be one of {', '.join(dict.fromkeys(ENCODINGS.values()))}") from None


def _time_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError("time_zone must be a name of the IANA database, such as America/New_York")
    return name


# Directives for the day of a month or year, alone or combined.
SAYS_A_DAY = re.compile(r"%-?[djxcDF]")


def _date_formats(formats: tuple[str, ...] | None) -> None:
    """ValueError for a format that does not determine the day, or that uses this machine's time zone."""
    for text in formats or ():
        if text in ("epoch_ms", "excel"):
            continue
        if "%" not in text:
            raise ValueError("must be a date format with % signs, as in %m/%d/%Y")
        if not SAYS_A_DAY.search(text):
            raise ValueError(f"the date format {text} has no day (%d), and Throughway does not guess one")
        if "%Z" in text or "%z" in text.removesuffix("%z"):
            raise ValueError(f"the offset in the date format {text} must be %z, at its end")


def _a_tab(value: object) -> object:
    """Tabs are hard to write in YAML, so words for them are accepted."""
    return "\t" if value in ("tab", "\\t") else value


NamePart = Literal["last", "first", "middle", "suffix"]
Names = Annotated[tuple[str, ...], BeforeValidator(_several)]


class CrosswalkPart(BaseModel):
    """Part of the document: frozen; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SourceLayout(CrosswalkPart):
    """How the file is written. `header_row: 0`: it has no headings, and its columns are named 1, 2, 3, ... `sheets: alike`: every sheet of a
    workbook that has the columns which the crosswalk reads, its headings in whichever row they are."""

    format: Annotated[str, AfterValidator(_format)] = "csv"
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[str, BeforeValidator(_a_tab)] = ","
    header_row: int = Field(default=1, ge=0, le=1000)
    sheet: str | None = None
    sheets: Literal["alike"] | None = None
    null_texts: tuple[str, ...] = NOTHING
    quote: str = '"'
    escape: str | None = None  # None: quotes are doubled, unless the file uses backslashes before them
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = (
        None  # of times in UTC, when only a date is stored
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for name in ("delimiter", "quote", "escape"):
            text = getattr(self, name)
            if text is not None and (len(text) != 1 or text in "\r\n\0"):
                raise ValueError(f"{name} must be one character")
        if self.sheet is not None and self.sheets is not None:
            raise ValueError("a source has `sheet` or `sheets: alike`, not both")
        return self


class Term(CrosswalkPart):
    """One part of a sum: a numeric column multiplied by a number."""

    from_: str = Field(alias="from")
    times: float = 1


class ColumnMap(CrosswalkPart):
    """Where an element comes from: exactly one of `from`, `join`, `value` and `sum`."""

    from_: str | None = Field(default=None, alias="from")
    required: bool = False
    date: Names | None = None
    map: Mapping[str, str | None] | None = None
    otherwise: str | None = None
    part: NamePart | None = None  # of a name written as `Last, First Middle`
    last_words: int | None = Field(
        default=None, ge=1, le=2
    )  # of `First Middle Last`: the words of its last name
    join: tuple[str, ...] | None = Field(default=None, min_length=1)
    with_: str = Field(default=" ", alias="with")
    value: str | None = None
    sum: tuple[Term, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [f for f in ("from_", "join", "value", "sum") if f in self.model_fields_set]
        if len(forms) != 1:
            raise ValueError("a column has exactly one of from, join, value and sum")
        if getattr(self, forms[0]) is None:
            raise ValueError(f"{forms[0].rstrip('_')} has no value; name a column, or leave the element out")
        if "with_" in self.model_fields_set and forms != ["join"]:
            raise ValueError("`with` belongs to `join`")
        if forms[0] in ("value", "sum") and (self.date or self.map is not None):
            raise ValueError("`date` and `map` belong to `from` or `join`")
        if self.part and (forms != ["from_"] or self.date or self.map is not None):
            raise ValueError("`part` belongs to `from`, without `date` and `map`")
        if self.last_words and not self.part:
            raise ValueError("`last_words` belongs to `part`")
        if self.date and self.map is not None:
            raise ValueError("a column has `date` or `map`, not both")
        _date_formats(self.date)
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the file that it reads."""
        return (
            *((self.from_,) if self.from_ is not None else ()),
            *(self.join or ()),
            *(term.from_ for term in self.sum or ()),
        )

    @property
    def may_be_absent(self) -> bool:
        """Whether `otherwise` was written, even as null."""
        return "otherwise" in self.model_fields_set


class Melt(CrosswalkPart):
    """Wide to long: each column whose heading matches becomes a row, with its heading and its cell. `beside`: a name for the cell of another
    column, whose heading matches this pattern with the same text in its group, such as the day beside a score; the row is then named for that text."""

    columns: str
    name: str
    value: str
    date: Names | None = None
    beside: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _pattern(self) -> Self:
        for text in (self.columns, *self.beside.values()):
            try:
                groups = re.compile(text).groups
            except re.error:
                raise ValueError("`columns`, or a pattern of `beside`, is not a regular expression") from None
            if self.beside and groups != 1:
                raise ValueError(
                    "with `beside`, each pattern has one group in parentheses, the text that pairs the columns"
                )
        if self.beside and self.date:
            raise ValueError(
                "`date` and `beside` do not go together, since the text of the group names the row"
            )
        if len({*self.names}) < len(self.names):
            raise ValueError("`name`, `value` and the names of `beside` must differ")
        _date_formats(self.date)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What it makes of the heading and the cells."""
        return (self.name, self.value, *self.beside)


UNMAPPED, BY_YEAR = (
    "-",
    "school_year",
)  # parts of a key: a column that no element reads, the school year of the load


class TableMap(CrosswalkPart):
    """How one table of the vocabulary is filled. `by_year`: the school year of the load is part of each row's key."""

    key: Names = ()
    by_year: bool = False
    person: Names = ()
    columns: Mapping[str, ColumnMap] = {}
    melt: Melt | None = None

    def sources(self) -> tuple[str, ...]:
        """Columns of the file that it names, including key and person; not those that are unpivoted."""
        melted = self.melt.names if self.melt else ()
        named = (*self.key, *self.person, *(s for c in self.columns.values() for s in c.sources))
        return tuple(dict.fromkeys(n for n in named if n not in melted))

    def required(self) -> frozenset[str]:
        """Of these, the ones without which no row can be read."""
        needed = {s for c in self.columns.values() if not c.may_be_absent for s in c.sources}
        needed |= {c for c in (*self.key, *self.person) if c not in self.columns}
        return frozenset(self.sources()) & needed

    def person_key(self, table: str) -> Names:
        """The columns with the partner's key of the student; empty in a table that is not about students."""
        return self.key if table == "person" else self.person

    def key_element(self, column: str) -> str | None:
        """The element whose value replaces a column in the key: one that reads it as a date, or that is named for it."""
        dated = next((n for n, c in self.columns.items() if c.from_ == column and c.date), None)
        return dated or (column if column in self.columns else None)

    def row_key(self, table: str) -> Names:
        """What tells two rows of one student apart, in order: for each own column of the key the element that reads it, or `UNMAPPED`, and
        `BY_YEAR`. The headings themselves may change."""
        readers = {source: name for name, c in reversed([*self.columns.items()]) for source in c.sources}
        own = [c for c in self.key if c not in self.person] if table != "person" else []
        return (*(readers.get(column, UNMAPPED) for column in own), *([BY_YEAR] if self.by_year else []))

    def may_be_empty(self, table: str) -> frozenset[str]:
        """The own columns of the key that a row may leave empty: those beside a day, which tells its rows apart."""
        days = {c.from_ for c in self.columns.values() if c.date}
        if self.melt and self.melt.date:
            days.add(self.melt.name)
        own = {c for c in self.key if c not in self.person} if table != "person" else set()
        return frozenset(own - days) if own & days else frozenset()

    def with_melted(self, table: str) -> "TableMap":
        """The same, with the unpivoted heading and cell mapped to elements of these names that nothing else fills."""
        if self.melt is None:
            return self
        named = [n for n in self.melt.names if n in TABLES[table].elements and n not in self.columns]
        return self.model_copy(
            update={"columns": {**self.columns, **{n: ColumnMap.model_validate({"from": n}) for n in named}}}
        )


class Crosswalk(CrosswalkPart):
    """The whole document. `seen`: the headings of the file that it was drafted from, in their order, each with the shape of most of its cells,
    such as `A999`."""

    throughway: Literal["crosswalk/1"]
    source: SourceLayout = SourceLayout()
    tables: Mapping[str, TableMap] = {}
    ignore: tuple[str, ...] = ()
    seen: Mapping[str, str] = {}
    feed: FeedContract | None = None

    @model_validator(mode="after")
    def _in_the_vocabulary(self) -> Self:
        if not self.tables and (self.feed is None or self.source.format in BY_CROSSWALK):
            raise ValueError("tables is empty; say how at least one table is filled")
        for name, table in self.tables.items():
            _check_table(name, table)
        return self

    @classmethod
    def read(cls, text: str, name: str = "") -> Self:
        """The crosswalk in a YAML or JSON text; Refused, with the path of each fault, when it is invalid. `name`: the file's, for
        messages."""
        called = f"The crosswalk {name}".strip()
        try:
            document = values_of(text, scalars_as_text=True)
        except UnreadableText as error:
            raise Refused(f"{called} cannot be used: {error}", code="crosswalk") from None
        if not isinstance(document, dict):
            raise Refused(f"{called} is not a YAML document with fields.", code="crosswalk")
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            faults = "; ".join(dict.fromkeys(_sentence(fault, document) for fault in error.errors()))
            raise Refused(
                f"{called} cannot be used: {faults}{'' if faults.endswith('?') else '.'} {unquoted_hash(text)}".strip(),
                code="crosswalk",
            ) from None

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The crosswalk in a file; Refused where there is none, or as in `read`."""
        try:
            return cls.read(text_in(path), path.name)
        except OSError:
            raise Refused(f"No crosswalk {path.name} exists there; check the path.", code="no_file") from None
        except UnreadableText as error:
            raise Refused(f"The crosswalk {path.name} cannot be used: {error}", code="crosswalk") from None

    def unread(self, refused: Collection[str]) -> list[str]:
        """The file's names of columns that only refused elements (`table.element`) would have read."""
        read: set[str] = set()
        lost: dict[str, None] = {}
        for name, table in self.tables.items():
            kept = {e: c for e, c in table.columns.items() if f"{name}.{e}" not in refused}
            if kept:
                read.update(table.model_copy(update={"columns": kept}).sources())
            lost.update(
                dict.fromkeys(s for e, c in table.columns.items() if e not in kept for s in c.sources)
            )
        melted = {m for t in self.tables.values() if t.melt for m in t.melt.names}
        return [column for column in lost if column not in read | melted]

    def headings(self) -> list[str]:
        """Every heading of the file that it names."""
        return [*self.ignore, *(source for table in self.tables.values() for source in table.sources())]

    @property
    def days_of_key(self) -> Mapping[str, ColumnMap]:
        """How the table person reads each day that its key has, by its column."""
        person = self.tables.get("person", TableMap())
        return {c.from_: c for c in person.columns.values() if c.date and c.from_ in person.key and c.from_}

    def constant(self, table: str, element: str) -> str | None:
        """Its constant for an element of a standard format."""
        found = self.tables.get(table)
        column = found.columns.get(element) if found else None
        return column.value if column else None

    def code_map(self, table: str, element: str) -> Mapping[str, str | None] | None:
        """Its code map for a coded element, which overrides a standard format's."""
        found = self.tables.get(table)
        column = found.columns.get(element) if found else None
        return column.map if column else None


def _check_table(name: str, table: TableMap) -> None:
    if name not in TABLES:
        near = did_you_mean(name, TABLES, "`throughway vocabulary` lists them")
        raise ValueError(f"tables.{name} is not a table of the vocabulary; {near}")
    known = {*TABLES[name].elements, "valid_from", "valid_to"} - {"person_id"}
    for element in table.columns:
        if element == "person_id":
            raise ValueError(
                f"tables.{name}.columns.person_id is given by Throughway; name the column in `person` instead"
            )
        if element not in known:
            near = did_you_mean(element, known, f"`throughway vocabulary {name}` lists them")
            raise ValueError(f"tables.{name}.columns.{element} is not an element of the table {name}; {near}")
    if table.person and (name == "person" or not TABLES[name].of_person):
        raise ValueError(f"tables.{name}.person is not allowed there: {_why_no_person(name)}")


def _why_no_person(name: str) -> str:
    return "its key is the person" if name == "person" else "the table is not about persons"


def _sentence(fault: Any, document: object) -> str:
    """One validation error in words, with its path in the document."""
    path = path_of(fault["loc"], document)
    if fault["type"] == "extra_forbidden":
        known = known_fields(fault["loc"][:-1], Crosswalk)
        cure = did_you_mean(fault["loc"][-1], known, f"known here: {', '.join(known)}")
        return f"{path} is not a field of a crosswalk; {cure}"
    words = in_words(fault, document)
    if fault["type"] == "value_error":  # a sentence of its own
        return f"{path}: {words}" if path else words
    return f"{path} {words}"
