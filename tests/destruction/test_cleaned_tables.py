"""What was deleted leaves the database's files: every table of what people type is among those that are rewritten."""

from django.apps import apps

from throughway.casework.typed_entries.models import TypedRow
from throughway.destruction.actions.execution import CLEANED_TABLES


def test_the_tables_of_typed_rows_are_cleaned() -> None:
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(CLEANED_TABLES) <= names
    typed = {model._meta.db_table for model in apps.get_models() if issubclass(model, TypedRow)}
    assert len(typed) >= 6
    assert typed <= set(CLEANED_TABLES)
