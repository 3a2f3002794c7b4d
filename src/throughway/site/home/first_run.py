"""The way of a community that begins: each step, what is done, and what comes now."""

from collections.abc import Sequence

from django.urls import reverse

from throughway.agreements.states import BEGUN
from throughway.identity.selectors import last_run
from throughway.intake.selectors import any_landed
from throughway.partners import Role
from throughway.site.home.agreements import papers
from throughway.site.home.context import HomeContext
from throughway.site.home.items import FirstRunStep, Home, HomeItem, Wait
from throughway.site.home.steps import steps

LED = (Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.LEADER)


def first_run(around: HomeContext) -> Home | None:
    """For those who lead the way; None once an agreement has been in effect and something has landed: from then on the home says
    what waits. Until then, too, what waits for this reader comes before the way of all."""
    if around.actor.role not in LED:
        return None
    in_effect = any(s.state in BEGUN for s in around.all_standings)
    landed = any_landed()
    if in_effect and landed:
        return None
    done = (
        len(around.partners) > 1,
        bool(around.all_standings),
        in_effect,
        landed,
        last_run() is not None,
    )
    now = done.index(False)
    own = [*papers(around), *steps(around)]
    return Home(
        waits=own if own and now == SIGNED else [*own, _next(now)],
        steps=[_step(place, text, now, done) for place, text in enumerate(STEPS)],
        onward=HomeItem("See the partners", reverse("partners:list")),
    )


SIGNED = 2  # the step at which what waits for somebody is the way itself
STEPS = (
    ("The partners are here", "Each organization, with its legal kind and its people."),
    ("An agreement is written", "Who gives what to whom, for what, by what right, until when."),
    ("It is signed and in effect", "Every party signs the same text; then one of them puts it into effect."),
    ("A first file has come in", "Only what the agreement needs is stored."),
    ("Persons are recognised", "Which records of the partners are one person."),
)


def _step(place: int, text: tuple[str, str], now: int, done: Sequence[bool]) -> FirstRunStep:
    state = "done" if done[place] else "now" if place == now else "next"
    return FirstRunStep(state, *text)


def _next(now: int) -> Wait:
    ways = (
        ("Add the partners", "Nothing can be agreed before two organizations are here.", "Add a partner", "partners:new"),
        ("Write a first agreement", "Choose what you want to do: the text that a lawyer reads comes with it.", "Start a draft",
         "drafting:new"),
        ("Get the agreement signed", "It holds when every party has signed it and one has put it into effect.",
         "See where it stands", "agreements:list"),
        ("Send a first file", "What the agreement does not need is refused by name, and is not stored.", "Send a file",
         "intake:new"),
        ("Recognise the persons", "`throughway link` compares the records; here you see what it found.", "See the persons",
         "identity:persons"),
    )  # fmt: skip
    title, why, button, name = ways[now]
    return Wait(title, why, button, reverse(name), "wait", "first steps", 9)
