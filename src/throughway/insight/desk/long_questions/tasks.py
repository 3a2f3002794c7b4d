"""Long questions outlive a request."""

from django_tasks import task

from throughway.insight.desk.long_questions.actions import QUESTION
from throughway.partners.asked_work.actions import carry_out


@task(priority=-10)  # loads and linkage, for which everybody waits, come first
def count_question(asked: int) -> None:
    """Counts one question, named by its request alone; safe to run twice."""
    carry_out(QUESTION, asked)
