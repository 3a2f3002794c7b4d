"""The clauses that people sign: what each is for, and the template's own words to keep or change."""

from collections.abc import Mapping
from typing import Any

from throughway.agreements.document_sections import Clauses
from throughway.agreements.starter_texts import templates

# clause → what it must say, as a question to those who write.
ASKS: Mapping[str, str] = {
    "use_only_for_purpose": "What may the receiver do with the records, and nothing else?",
    "no_redisclosure": "Who may receive them next?",
    "no_identification": "Who may see who a student is?",
    "destroy_when_no_longer_needed": "When are they destroyed, and who certifies it?",
    "protect_from_further_disclosure": "Which policies and habits protect them?",
    "reasonable_methods": "How does the one who gives them make sure that all this is kept?",
    "breach_notice": "Who is told of a breach, and how soon?",
    "right_to_audit": "Who may look at how the records are kept?",
    "no_reidentification": "What about records under codes?",
    "termination": "How does the agreement end, and what follows from a breach of it?",
}


def title(name: str) -> str:
    """`no_redisclosure` is No redisclosure."""
    return name.replace("_", " ").capitalize()


def names() -> tuple[str, ...]:
    return tuple(Clauses.model_fields)


def words_of(template: str) -> Mapping[str, str]:
    """The template's clauses by name; of a draft that began otherwise, those of the agreement by consent."""
    found = {each.id: each for each in templates()}
    chosen = found.get(template) or found["consent"]
    clauses: Mapping[str, Any] = chosen.document["clauses"]
    return {name: str(words) for name, words in clauses.items()}
