"""The table of which results of which test reach its standard: how it is read, and that one result is judged as many are."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.measures.policy import own_levels
from throughway.measures.proficiency import LEFT_OUT, about, parsed, shipped, verdict

HEAD = "test,subject,grade,label,cut_score,metric,reached,source\n"


def fault(lines, head=HEAD):
    with pytest.raises(Refused) as refused:
        parsed(head + lines)
    assert refused.value.code == "settings"
    return refused.value.message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",,,Pass,,,yes,State", "it names no test; write its identifier or title as it was loaded"),
        ("A,,,Pass,,,yes,", "it has no source; say where the test's owner defines the level"),
        ("A,,,Pass,,,maybe,State", "reached must be yes, no or not counted"),
        ("A,,,Pass,400,,yes,State", "it has a label and a cut score; write a line for each"),
        ("A,,,,four,,yes,State", "cut_score must be a number, such as 2432"),
        ("A,,,,nan,,yes,State", "cut_score must be a number, such as 2432"),
        ("A,,,,400,,no,State", "scores at or above a cut score reach the standard, so reached must be yes"),
        ("A,,,Pass,,03479,yes,State", "a metric belongs to a cut score; leave it empty here"),
        (
            "A,,,,,,yes,State",
            "it has neither a label nor a cut score; give one, or write not counted to leave the test out",
        ),
        (
            "A,Mathematic,,Pass,,,yes,State",
            "subject must be a code of C000021 or its label; did you mean Mathematics?",
        ),
        (
            "A,,Thrd grade,Pass,,,yes,State",
            "grade must be a code of C002175 or its label; did you mean Third grade?",
        ),
        ("A,,,Pass,,yes,State", "it must have 8 cells; put a cell that holds a comma in double quotes"),
        ("A,,,Pass,,,yes,State,1", "it must have 8 cells; put a cell that holds a comma in double quotes"),
    ],
)
def test_each_fault_is_told_by_file_and_line(line, says):
    told = fault(f"B,,,Good,,,yes,State\n{line}\n")
    assert told.startswith(f"proficiency.csv, line 3: {says}")


def test_faults_of_the_whole_file():
    assert fault("", head="test,label\n").startswith(
        "proficiency.csv, line 1: the column subject is missing; the first line must"
    )
    assert "there is no column levl; did you mean label?" in fault("", head=HEAD.strip() + ",levl\n")
    assert "line 3: it contradicts line 2 about the same results" in fault("A,,,P,,,yes,S\nA,,, p ,,,no,S\n")
    assert "line 2: the quotation marks do not match" in fault('A,,,"P,,,yes,S\n')
    told = fault("A,,,P,,,perhaps,S\n,,,P,,,yes,S\n")
    assert "line 2: " in told
    assert "line 3: " in told


def test_codes_may_be_written_by_their_labels():
    (level,) = parsed(HEAD + "A,mathematics,Eighth grade,,500,Scale score,yes,State\n")
    assert (level.subject, level.grade, level.metric, level.cut) == ("01166", "08", "03479", 500.0)
    assert parsed(HEAD + "A,,3,P,,,yes,State\n")[0].grade == "03"


def test_shipped_tests_have_a_source_and_both_kinds_of_levels():
    for test in {level.test for level in shipped()}:
        of = [level for level in shipped() if level.test == test]
        assert {level.reached for level in of} == {True, False}
        assert all(len(level.source) > 40 for level in of)


def test_a_community_without_the_file_has_no_lines_of_its_own(community):
    assert own_levels(community) == ()
    community.proficiency.write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="cannot be read; save it as CSV in UTF-8"):
        own_levels(community)


TESTS, LABELS, SUBJECTS, METRICS = (
    ("a", "b", "c"),
    ("one", "two", "three"),
    ("", "13373", "00560"),
    ("", "03479", "03476"),
)
LINES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(TESTS), st.sampled_from(SUBJECTS), st.sampled_from(("", "03")), st.sampled_from(LABELS),
                  st.just(""), st.just(""), st.sampled_from(("yes", "no", "not counted"))),
        st.tuples(st.sampled_from(TESTS), st.sampled_from(SUBJECTS), st.sampled_from(("", "03", "08")), st.just(""),
                  st.sampled_from(("10", "20")), st.sampled_from(METRICS), st.just("yes")),
        st.tuples(st.sampled_from(TESTS), st.just(""), st.just(""), st.just(""), st.just(""), st.just(""), st.just("not counted")),
    ),
    max_size=8, unique_by=lambda line: (*line[:4], line[5] if line[4] else None),
)  # fmt: skip
RESULTS = st.tuples(
    st.sampled_from(TESTS), st.sampled_from(("13373", "00560")), st.sampled_from(("", *LABELS)),
    st.sampled_from((None, 5.0, 15.0, 25.0)), st.sampled_from(METRICS),
)  # fmt: skip


def judged(levels, test, subject, label, score, metric):
    """One result by the table, line by line: the narrower line first, a label before a cut score. None: no line decides."""
    of = [
        level
        for level in levels
        if level.test == test and level.grade in ("", "03") and level.subject in ("", subject)
    ]
    of.sort(key=lambda level: (not level.subject, not level.grade, not level.metric))
    for level in of:
        if label and level.label == label:
            return {True: 1, False: 0, None: LEFT_OUT}[level.reached]
    cuts = [level for level in of if level.cut is not None]
    for level in cuts:
        if score is not None and level.metric in ("", metric):
            return int(score >= level.cut)
    if any(not level.label and level.cut is None for level in of):
        return LEFT_OUT
    # About the rest of the rule, see `verdict`: lines of the milestone's other subject count as knowing the test.
    lines = [level for level in levels if level.test == test and level.grade in ("", "03")]
    in_metrics = any(level.metric for level in lines) and not any(
        level.cut is not None and not level.metric for level in lines
    )
    return LEFT_OUT if lines and not label and (metric or not in_metrics) else None


@given(LINES, st.lists(RESULTS, min_size=1, max_size=5))
def test_results_are_judged_by_the_lines_of_their_test(lines, results):
    levels = parsed(HEAD + "".join(",".join((*line, "State")) + "\n" for line in lines))
    of = about(levels, grade="03", subjects=("13373", "00560"))
    values = ", ".join(
        f"('{test}', '{subject}', NULLIF('{label}', ''), CAST({'NULL' if score is None else score} AS DOUBLE), NULLIF('{metric}', ''))"
        for test, subject, label, score, metric in results
    )
    found = duckdb.sql(
        f"SELECT {verdict(of)} FROM (VALUES {values}) AS t(test, subject, label, score, metric)"
    ).fetchall()
    assert [v for (v,) in found] == [judged(levels, *result) for result in results]
