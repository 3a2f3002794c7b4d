"""Changes that change nothing that anybody could see: each with why, by where it stands and what it changes.

They are not judged, and are counted by themselves. An entry that fits no mutant any more is named by the run.
"""

MORE = "Works out words on other purposes too, of which none is read; of all purposes together no other student comes in."
LARGER = "The numbers in both are the same, whichever of the two is looked up in the other."

EQUIVALENT: dict[str, str] = {
    "agreements/sql.py, of_discloser: turned: len(grants) > 1": "Of one grant there is one condition, so it is told apart from no other.",
    "agreements/sql.py, _Codes.value: left out: kind": "Where a value is shown, its column has a type; the type checker alone asks.",
    "consent/state.py, chosen: left out: if name != ANY and purpose in (ANY, name)": MORE,
    "consent/state.py, chosen: left out: name != ANY": MORE,
    "consent/state.py, chosen: left out: purpose in (ANY, name)": MORE,
    "consent/state.py, words_of: only the left: holds & ~last.refuses": "Of whom consent is given, all who are refused are taken away next.",
    "gate/compile.py, _qualified: False becomes True": "All names of the vocabulary are in small letters already; to make them so takes time.",
    "gate/decision.py, _bar: left out: ''": "The operator, who alone has no partner, does not come here.",
    "gate/order.py, Order._ends: False becomes True (no. 2)": "Above whatever is computed stands the query, so this is not reached.",
    "gate/order.py, _parts: left out: if not isinstance(part, exp.DataType)": "A type adds up to nothing.",
    "gate/people.py, People.stands_by: left out: later is self": "Nothing is closed between one and itself; it spares the working out.",
    "gate/relations.py, _part: turned: grants[0].discloser in shown.linked": "Stands in a key alone, and tells two apart as well.",
    "gate/sets.py, both: turned: len(one) <= len(other)": LARGER,
    "gate/sets.py, both: turned round: (one, other) if len(one) <= len(other) else (other, one)": LARGER,
}
