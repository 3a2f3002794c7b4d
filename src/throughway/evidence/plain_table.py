"""A plain table of one row for each student (or student and time), read for a study: figures, groups, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from throughway.core.refusals import Refused, did_you_mean
from throughway.evidence.study import EffectStudy

Figures = NDArray[np.float64]

MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "."]
YES = frozenset(("yes", "y", "true", "t", "treated", "treatment", "participant"))
NO = frozenset(("no", "n", "false", "f", "control", "comparison"))
MOST_GROUPS = 50  # of a covariate in words: more are names or record keys


@dataclass(frozen=True)
class StudyTable:
    """The rows of a table, as the study's columns are used. Missing figures are NaN, missing groups are -1."""

    treatment: Figures  # 1, 0
    outcome: Figures
    covariates: "CovariateColumns"
    baseline: Figures | None
    cluster: NDArray[np.int64] | None
    strata: NDArray[np.int64] | None
    running: Figures | None
    unit: NDArray[np.int64] | None
    time: Figures | None
    taken: Figures | None
    placebo: Mapping[str, Figures] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.treatment)

    def of_placebo(self, column: str) -> "StudyTable":
        """The same table with another outcome."""
        return replace(self, outcome=self.placebo[column])


@dataclass(frozen=True)
class CovariateColumns:
    """The columns that adjustment uses: one for each figure, one for each group but the first, and one that says where a figure
    is missing. `of[i]`: the table's column behind column i of `values` (rows × columns)."""

    values: Figures
    names: tuple[str, ...]
    of: tuple[str, ...]

    def of_rows(self, rows: NDArray[np.bool_]) -> "CovariateColumns":
        """The columns in some rows, without those that are constant there or say what earlier ones say."""
        values = self.values[rows]
        kept: list[int] = []
        basis = np.ones((len(values), 1)) / max(np.sqrt(len(values)), 1)
        for column in range(values.shape[1]):
            rest = values[:, column] - basis @ (basis.T @ values[:, column])
            rest = rest - basis @ (basis.T @ rest)  # twice is enough, for rounding
            size = float(np.linalg.norm(rest))
            if size > 1e-8 * max(float(np.linalg.norm(values[:, column])), 1e-300):
                kept.append(column)
                basis = np.column_stack([basis, rest / size])
        return CovariateColumns(
            values[:, kept], tuple(self.names[i] for i in kept), tuple(self.of[i] for i in kept)
        )


def read_table(path: Path, study: EffectStudy) -> StudyTable:
    """The table in a CSV file. Refused (study_table): no such file or column, a treatment that is not yes or no, a figure that is
    none; the message never repeats a value."""
    try:
        # Without a heading: else a second column of one name would get another name.
        lines = pd.read_csv(
            path, header=None, dtype=str, keep_default_na=False, na_values=MISSING, encoding="utf-8-sig"
        )
    except OSError:
        raise _refused(f"{path.name} cannot be read; name a CSV file.") from None
    except UnicodeDecodeError:
        raise _refused(f"{path.name} is not a UTF-8 text; save it as CSV in UTF-8.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
        raise _refused(f"{path.name} is no CSV table with one line of headings; save it as CSV.") from None
    lines.columns = lines.iloc[0].fillna("").str.strip()
    return table_of(lines.iloc[1:].drop(columns="", errors="ignore"), study, path.name)


def table_of(frame: pd.DataFrame, study: EffectStudy, name: str = "The table") -> StudyTable:
    """The columns of a frame of texts, or of figures. Refused as `read_table` does."""
    frame = frame.rename(columns=lambda heading: str(heading).strip())
    if len(set(frame.columns)) != len(frame.columns):
        raise _refused(f"{name} has two columns of one heading; give each its own.")
    for column, named_as in study.columns.items():
        if column not in frame.columns:
            near = did_you_mean(column, frame.columns, "write it as the table's first line does.")
            raise _refused(f"{name} has no column {column}, which the study names as {named_as}; {near}")
    return StudyTable(
        treatment=_yes_or_no(frame[study.treatment], "treatment"),
        outcome=_outcome(frame[study.outcome]),
        covariates=_covariates(frame, study.adjusted_for),
        baseline=None if study.baseline is None else _figures(frame[study.baseline], "the baseline"),
        cluster=_groups(frame, study.cluster),
        strata=_groups(frame, study.strata),
        running=None if study.running is None else _figures(frame[study.running], "the running variable"),
        unit=_groups(frame, study.panel_unit),
        time=None if study.time is None else _figures(frame[study.time], "time"),
        taken=None if study.taken is None else _yes_or_no(frame[study.taken], "taken"),
        placebo={column: _outcome(frame[column]) for column in study.placebo},
    )


def _refused(message: str) -> Refused:
    return Refused(message, code="study_table")


def _yes_or_no(column: pd.Series, field: str) -> Figures:
    figures = _answers(column)
    if figures is None:
        raise _refused(
            f"The column {column.name}, the study's {field}, holds something other than 1 and 0 or yes and no; write one of them in every row."
        )
    return figures


def _answers(column: pd.Series) -> Figures | None:
    """1 for yes, 0 for no, NaN where nothing is said; None where something else is."""
    words = column.astype("string").str.strip().str.casefold()
    figures = pd.to_numeric(words, errors="coerce").to_numpy(float, na_value=np.nan)
    figures[words.isin(YES).fillna(False).to_numpy(bool)] = 1
    figures[words.isin(NO).fillna(False).to_numpy(bool)] = 0
    known = words.notna().to_numpy(bool)
    return figures if np.isin(figures[known], (0, 1)).all() else None


def _outcome(column: pd.Series) -> Figures:
    answers = _answers(column)
    return _figures(column, "the outcome") if answers is None else answers


def _figures(column: pd.Series, what: str) -> Figures:
    figures = _as_figures(column)
    if figures is None:
        raise _refused(
            f"The column {column.name}, {what}, holds texts that are no figures; correct them or leave them empty."
        )
    return figures


def _as_figures(column: pd.Series) -> Figures | None:
    figures = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    figures = np.where(np.isfinite(figures), figures, np.nan)
    return None if (np.isnan(figures) & column.notna().to_numpy(bool)).any() else figures


def _groups(frame: pd.DataFrame, column: str | None) -> NDArray[np.int64] | None:
    return None if column is None else np.asarray(pd.factorize(frame[column], sort=True)[0], np.int64)


def _covariates(frame: pd.DataFrame, columns: Sequence[str]) -> CovariateColumns:
    values: list[Figures] = []
    names: list[str] = []
    of: list[str] = []

    def add(name: str, figures: Figures) -> None:
        values.append(figures)
        names.append(name)
        of.append(column)

    for column in columns:
        figures = _as_figures(frame[column])
        if figures is not None:
            missing = np.isnan(figures)
            if missing.all() and len(missing):
                raise _refused(f"The covariate {column} is empty in every row; leave it out.")
            add(column, np.where(missing, figures[~missing].mean() if len(missing) else 0, figures))
            if missing.any():
                add(f"{column}: not recorded", missing.astype(float))
            continue
        groups = frame[column].fillna("not recorded").str.strip()
        if groups.nunique() > MOST_GROUPS:
            raise _refused(
                f"The covariate {column} has more than {MOST_GROUPS} different texts; leave names and keys out, or group them."
            )
        for group in sorted(groups.unique())[1:]:
            add(f"{column}: {group}", (groups == group).to_numpy(float))
    matrix = np.column_stack(values) if values else np.empty((len(frame), 0))
    return CovariateColumns(matrix, tuple(names), tuple(of))
