"""What of the demonstration outlives its command: the site's background process carries it out."""

from datetime import date
from functools import partial

from django_tasks import task

from throughway.demo.run import published_and_agreed
from throughway.insight.reports.actions import make_report
from throughway.insight.trends import actions as trends


@task()
def publish_trends() -> None:
    """Publishes trends, beside all that is published: the audit takes minutes, in which the site is served already."""
    published_and_agreed(partial(make_report, trends.REPORT), date.today(), lambda line: None)
