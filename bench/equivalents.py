"""Changes that change nothing that anybody could see: each with why, by where it stands and what it changes.

They are not judged, and are counted by themselves. An entry that fits no mutant any more is named by the run.
"""

MORE = "Works out words on other purposes too, of which none is read; of all purposes together no other student comes in."
LARGER = "The numbers in both are the same, whichever of the two is looked up in the other."
ONE_MEANING = "One id means one kind and one form in a community (rule D7), so all of them have the same."
SAME_APART = "It tells those who differ from each other; which of them is told by yes does not matter."

EQUIVALENT: dict[str, str] = {
    "agreements/row_filter.py, _or_nobody: False becomes True": "A list holds each number once; with it gone over for copies the engine takes longer.",
    "agreements/grant_sql.py, of_discloser: turned: len(grants) > 1": "Of one grant there is one condition, so it is told apart from no other.",
    "agreements/grant_sql.py, _Codes.value: left out: kind": "Where a value is shown, its column has a type; the type checker alone asks.",
    "consent/consent_state.py, status_for_purpose: left out: if name != ANY and purpose in (ANY, name)": MORE,
    "consent/consent_state.py, status_for_purpose: left out: name != ANY": MORE,
    "consent/consent_state.py, status_for_purpose: left out: purpose in (ANY, name)": MORE,
    "consent/consent_state.py, consent_status_of: only the left: holds & ~last.refuses": "Of whom consent is given, all who are refused are taken away next.",
    "gate/governed_relations.py, _merge_key: turned: own[0].discloser in linked": SAME_APART,
    "gate/governed_relations.py, _grant_key: turned: choice.of(grant.discloser) in without": SAME_APART,
    "gate/actions/decisions.py, compiled: all becomes any: all((g.kind is PurposeKind.LINKAGE for g in decision.grants))": ONE_MEANING,
    "gate/actions/decisions.py, current_decision: left out: *then": "An act counts from its own day, which is the day it is done; so what changes how it stood on a past day changes how it stands today.",
    "gate/actions/decided_access.py, DecidedAccess.__init__: max becomes min: max((g.form for g in self.grants), key=FORMS.index)": ONE_MEANING,
    "gate/actions/governed_access.py, GovernedAccess._release: left out: again is self._decision": "A decision holds all of its own grants and links: told without comparing them.",
    "gate/actions/current_row_scope.py, FromDatabase.served: left out: ''": "The operator, who alone has no partner, reaches nobody by a roster and does not come here.",
    "gate/actions/query_execution.py, _locked: left out: engine.run('SET parquet_metadata_cache = true')": "The answer is the same; only how long it takes hangs on it.",
    "gate/actions/current_row_scope.py, allowed: any becomes all: any((not g.choices and g.reach is Reach.ALL for g in grants))": "A grant that asks for nothing lets all through, so all of them together do.",
    "gate/compiler.py, _qualified: False becomes True": "All names of the vocabulary are in small letters already; to make them so takes time.",
    "gate/decision.py, _bar: left out: ''": "The operator, who alone has no partner, does not come here.",
    "gate/leak_prevention/row_order.py, Order._ends: False becomes True (no. 2)": "Above whatever is computed stands the query, so this is not reached.",
    "gate/leak_prevention/row_order.py, _parts: left out: if not isinstance(part, exp.DataType)": "A type adds up to nothing.",
    "gate/row_scope.py, RowScope.stands_by: left out: later is self": "Nothing is closed between one and itself; it spares the working out.",
    "gate/governed_relations.py, _part: turned: grants[0].discloser in shown.linked": "Stands in a key alone, and tells two apart as well.",
    "store/record_numbers.py, unpack: only the left: expected + 1": "Of more bytes than are expected the stream is not at its end, which is refused as well.",
    "store/record_numbers.py, pack: turned: len(numbers) <= FEW": "A list of as many as still stand as they are goes the longer way, to the same bytes.",
    "store/record_numbers.py, both: turned: len(one) <= len(other)": LARGER,
    "store/record_numbers.py, both: turned round: (one, other) if len(one) <= len(other) else (other, one)": LARGER,
}
