"""Whose birth date a housemate has too, when few records come: that of known ones turns with who comes to live with them, or leaves."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.state.batch import IncomingRecords, batch_of
from throughway.identity.state.index import LinkageIndex

BORN = ("source", "street", "birthdate")


def seen_with_housemates(
    index: LinkageIndex, batch: IncomingRecords, salt: int, rules: Sequence[Sequence[str]]
) -> IncomingRecords:
    """The batch, told as `preparing` would among all records, with the known ones for whom that turns: those come anew."""
    lived = index.rows(index.places_of(batch.touched), ["street"])["street"]
    live = batch.rows["street"].cast(lived.type)
    mates = index.at_home_with(pa.chunked_array([*lived.chunks, *live.chunks], lived.type))
    mates = mates[~np.isin(mates, batch.touched)]
    known = index.rows(index.places_of(mates), batch.rows.column_names).cast(batch.rows.schema)
    every = pa.concat_tables([batch.rows, known])
    alike = shares_housemate_birthdate(every)
    fresh = len(batch.rows)
    turned = alike[fresh:] != known["born_alike"].to_numpy(zero_copy_only=False)
    at = every.schema.get_field_index("born_alike")
    told = every.set_column(at, "born_alike", pa.array(alike))
    if not turned.any():
        return IncomingRecords(told.slice(0, fresh), batch.keys, batch.asking, batch.touched)
    again = told.filter(pa.array(np.r_[np.ones(fresh, np.bool_), turned]))
    return batch_of(again, salt, rules, np.union1d(batch.touched, mates[turned]))


def shares_housemate_birthdate(rows: pa.Table) -> np.ndarray:
    """For each row: two names of its source have its birth date at its address."""
    named = rows.select(BORN).append_column("name", pc.fill_null(rows["first"], ""))
    found = named.filter(pc.and_(pc.is_valid(named["street"]), pc.is_valid(named["birthdate"])))
    groups = found.group_by(list(BORN)).aggregate([("name", "min"), ("name", "max")])
    several = groups.filter(pc.not_equal(groups["name_min"], groups["name_max"])).select(BORN)
    several = several.append_column("alike", pa.array(np.ones(len(several), np.bool_)))
    numbered = named.select(BORN).append_column("row", pa.array(np.arange(len(rows))))
    joined = numbered.join(several, list(BORN)).sort_by("row")
    told: np.ndarray = pc.fill_null(joined["alike"], False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return told
