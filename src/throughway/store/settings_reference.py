"""The settings as a page of the manual: `python -m throughway.store.settings_reference > docs/settings.md`."""

import sys
from collections.abc import Iterator

from throughway.store.settings_file import (
    ENVIRONMENT,
    SECTIONS,
    SETTINGS,
    Setting,
    SignOnSettings,
    SmallestEffectSettings,
    keys_of,
)


def reference() -> Iterator[tuple[str, str, Setting]]:
    """Every setting but those of `[measures]`: section, key, description."""
    for section, kind in SECTIONS.items():
        for key, (_, known) in keys_of(kind).items():
            yield section, key, known
    for key, (_, known) in keys_of(SignOnSettings).items():
        yield "sign_on.PARTNER", key, known
    for key, (_, known) in keys_of(SmallestEffectSettings).items():
        yield "smallest_effects.OUTCOME", key, known


def markdown() -> str:
    """The page of the manual."""
    return "\n".join(
        [
            "# Settings",
            "",
            f"`{SETTINGS}`, in the community's folder. All settings are optional. It holds no secrets. A name that is not here, or a value of "
            "another kind, is refused: every command then says which one and what it must be. Restart `serve` after a change.",
            "",
            "| setting | what it says | a value is | left out |",
            "|---|---|---|---|",
            *(
                f"| `[{section}] {key}` | {known.meaning} | {known.kind.words} | {known.left_out} |"
                for section, key, known in reference()
            ),
            "| `[measures]` | what your community decided about [what is counted](measures.md#what-else-a-community-decides) | as there | as there |",
            "",
            "## From the environment",
            "",
            "Because they are secret or temporary:",
            "",
            "| variable | what it says |",
            "|---|---|",
            *(f"| `{name}` | {meaning} |" for name, meaning in ENVIRONMENT.items()),
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(markdown())
