"""YAML in which every scalar is the text that was written, so that no code is read as a number or a truth.

YAML would read `No:` as false, `07` as seven and `2024-09-04` as a day; in a table of codes each is a loss.
"""

from typing import Any

import yaml

from throughway.core.refusals import Refused
from throughway.core.yaml_errors import fault_of


class TextLoader(yaml.SafeLoader):
    """Reads scalars as text, but for null; refuses a key that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for name in names:
            if name != "<<" and names.count(name) > 1:
                raise Refused(
                    f"Line {node.start_mark.line + 1} of the crosswalk begins a part in which {name} stands twice;"
                    " keep one.",
                    code="crosswalk",
                )
        return super().construct_mapping(node, deep=deep)


TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, called: str = "The crosswalk") -> object:
    """The document as dicts, lists, texts and None; Refused, with the line and the likely cause, when it is not YAML. `called`
    begins that sentence."""
    try:
        return yaml.load(text, Loader=TextLoader)
    except yaml.MarkedYAMLError as error:
        raise Refused(f"{called} is not readable YAML{fault_of(error, text)}.", code="crosswalk") from None
    except (yaml.YAMLError, RecursionError):
        raise Refused(f"{called} is not readable YAML.", code="crosswalk") from None
