"""What Spark needs to score pairs, as one JSON document: what one machine learned, shipped to many.

`splink` is a model in Splink's own form, with the blocking rule, ladders in Spark SQL and learned shares, which any Splink on Spark
can open. `weights` is the rest of a pair's weight: what two sources have in common beforehand, and how common names are. It holds no
record, no salt and no key.
"""

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from throughway.identity.spark.settings import settings
from throughway.identity.spark.shipment import MEETS, RETAINED
from throughway.identity.state.learned_weights import Weights

FORM = "throughway linkage on Spark, 1"


@dataclass(frozen=True)
class Model:
    splink: dict[str, Any]
    weights: Weights

    def to_json(self) -> str:
        told = {"form": FORM, "splink": self.splink, "weights": self.weights.to_json()}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def of_json(cls, text: str) -> "Model":
        """Raises ValueError for another document."""
        told = json.loads(text)
        if not isinstance(told, dict) or told.get("form") != FORM:
            raise ValueError("this is not a linkage model for Spark, or one of another version")
        return cls(told["splink"], Weights.of_json(told["weights"]))


def model_of(weights: Weights, rows: pa.Table) -> Model:
    """The model that scores these rows (see `shipping`)."""
    lists = [field.name for field in rows.schema if _is_list(field.type)]
    return Model(settings(MEETS, weights.shares, lists, RETAINED), weights)


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
