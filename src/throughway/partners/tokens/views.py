"""The page of one's own tokens: the list, making one, revoking one."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from throughway.partners.models import AccessToken
from throughway.partners.page_access import ActingRequest, FormScreen, ScreenView, done
from throughway.partners.tokens import actions
from throughway.partners.tokens.selectors import tokens_of
from throughway.partners.tokens.token import LONGEST, MOST, USUAL

DAYS = {30: "30 days", USUAL: "90 days", 180: "180 days", LONGEST: "One year"}


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    days = forms.TypedChoiceField(
        label="How long it is valid",
        choices=list(DAYS.items()),
        coerce=int,
        initial=USUAL,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = AccessToken
        fields = ("name",)


class Tokens(FormScreen):
    """The list. A POST makes a token, after asking for the passphrase or the second factor again."""

    person = True
    again = True
    form_class = TokenForm
    template_name = "partners/tokens.html"
    refused_at = "name"

    def act(self, form: TokenForm) -> HttpResponse:
        made = actions.make(email=self.actor.email, by=self.actor, **form.cleaned_data)
        site = self.request.build_absolute_uri("/").rstrip("/")
        return render(self.request, "partners/token.html", {"made": made, "site": site})

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        lines = [(token, token.state(now)) for token in tokens_of(self.actor.email)]
        holding = [line for line in lines if line[0].holds(now)]
        over = [line for line in lines if not line[0].holds(now)]
        return super().get_context_data(
            **more, holding=holding, over=over, may_make=len(holding) < MOST, most=MOST
        )


class EndToken(ScreenView):
    person = True

    def post(self, request: ActingRequest, handle: str) -> HttpResponse:
        token = actions.end(email=self.actor.email, handle=handle, by=self.actor)
        message = f"Ended: {token.name}. Programs can no longer use it."
        return done(request, message, "tokens:list")
