"""The evaluator reads what students wrote in the district's survey, a few comments at a time, and says which themes each speaks of. What
participants of programs wrote waits for whoever signs in."""

from throughway.core.prose import counted
from throughway.demo.partners import EVALUATOR, Say
from throughway.demo.population import words
from throughway.demo.survey_answers import CLIMATE
from throughway.demo.survey_comments import OPEN
from throughway.insight.comments.actions import add_theme, save_codings
from throughway.insight.comments.selectors import AT_ONCE, CommentReader
from throughway.partners.selectors import actor

PURPOSE = "reading-comments"


def code_comments(say: Say) -> None:
    listed = words("comments.csv")
    evaluator = actor(EVALUATOR)
    numbers = {
        name: add_theme(name=name, by=evaluator).pk
        for name in dict.fromkeys(listed["theme"].tolist())
        if name
    }
    themes = dict(zip(listed["words"].tolist(), listed["theme"].tolist(), strict=True))
    reader = CommentReader(evaluator, PURPOSE)
    read = 0
    for survey, question in dict.fromkeys(key[2:4] for key in reader.keys):
        waiting = reader.waiting(survey, question, read=False) if question == OPEN[CLIMATE] else []
        for at in range(0, len(waiting), AT_ONCE):
            few = waiting[at : at + AT_ONCE]
            shown, *_ = reader.words(few)
            coded = {
                key: {numbers[name] for said, name in themes.items() if name and said in " ".join(each.words)}
                for key, each in zip(few, shown, strict=True)
            }
            agreements = {key[0]: reader.agreement(key[0]) for key in coded}
            save_codings(coded=coded, agreements=agreements, by=evaluator)
            read += len(coded)
    say(
        f"  {EVALUATOR} reads {counted(read, 'comment')} of students and codes them; {len(reader.keys) - read} wait"
    )
