"""What of the demonstration outlives its command: the site's background process carries it out."""

from datetime import date

from django_tasks import task

from throughway.core.long_work import check_no_transaction
from throughway.demo.run import agreed, published_and_agreed
from throughway.demo.scenes import studies
from throughway.insight.trends import actions as trends

TRENDS = tuple(kind.id for kind in (trends.REPORT, trends.SCHOOL_REPORT, trends.PROGRAM_REPORT))


@task()
def publish_trends(first: str = TRENDS[0]) -> None:
    """Publishes trends, then those by school and by program, beside all that is published: the audit of each takes minutes, in which the
    site is served already. Each is a task of its own, so that what people ask of the site comes between them."""
    published_and_agreed(trends.KINDS_BY_ID[first], date.today(), lambda line: None)
    for following in TRENDS[TRENDS.index(first) + 1 :][:1]:
        publish_trends.enqueue(following)


@task()
def run_studies(number: int = 0) -> None:
    """Runs the registered studies one after the other, each as a task of its own; whose partners agree, so that everybody reads the findings."""
    check_no_transaction("a study")
    title = studies.STUDIES[number]["title"]
    if (made := studies.find(title)) is not None:
        agreed(made, lambda line: None)
        studies.follow_up(title, str(made["release"]), date.today())
    if number + 1 < len(studies.STUDIES):
        run_studies.enqueue(number + 1)
