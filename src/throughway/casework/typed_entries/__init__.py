"""What every table shares that people type on the site about a student: versions, sealed texts, deletion.

To add a table (`contact_notes` is the short example; decision 15 says why it is built so):

1. The vocabulary: a line of `tables.csv` with `typed`, and its elements: the table's own, then `entry_id`, `version`, `superseded`,
   `author`, `author_partner` and `author_capacity`, as `contact_note` has them.
2. A model under `TypedRow`, imported in `casework/models.py`, with one unique constraint on `entry_id` and `version` and indexes on
   `partner, record` and on `agreement`; its table in `casework/triggers.py`; a migration.
3. An `EntryTable`: which column of the vocabulary is which field of the model, which of them are sealed, and two words for sentences.
   `register_entries` in `CaseworkConfig.ready` makes it readable for the gate, and lets it be returned and destroyed.
4. Rules in a pure module, as a dataclass with `check`. The action calls `save_entry`, which asks the gate, holds versions together and
   seals; what an edit does not name stays as it was. What must hold between two versions (a transition) is its `check`.
5. A page reads the rows from `record_of(...).tables` and groups them with `entries_of`; `StudentRecord.types` says whether the
   reader may type. Rows of many students come with the question in `student_list`.
6. Agreements grant the table in `writes`. Tests: `tests/casework/test_contact_notes.py` has the attacks that each table must survive.
"""
