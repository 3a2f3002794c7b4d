"""Pages outside the packages: one's account, and signing out."""

from datetime import UTC, date, datetime
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import PasswordChangeView
from allauth.mfa.app_settings import RECOVERY_CODE_COUNT
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from throughway.agreements.selectors import open_steps
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.members import AccountEventKind
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import changes, named_by_operator, partners
from throughway.partners.tokens.selectors import tokens_of
from throughway.site import event_log
from throughway.site.accounts import ChoosePassphraseForm, Passphrases


@screen()
def account(request: ActingRequest) -> HttpResponse:
    """Who I am here, how I sign in, where I am signed in."""
    factors = {a.type: a.wrap() for a in Authenticator.objects.filter(user=request.user)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    now = datetime.now(UTC)
    context = {
        "role": Role(request.actor.role),
        "second_factor": Authenticator.Type.TOTP in factors,
        "codes_left": RECOVERY_CODE_COUNT - codes.instance.data["used_mask"].bit_count() if codes else 0,
        "programs": sum(token.holds(now) for token in tokens_of(request.actor.email)),
        "changes": changes(request.user.pk or 0),
        "sessions": UserSession.objects.filter(user=request.user).count(),
    }
    return render(request, "site/account.html", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session on the server, and asks the browser to clear its cache; by one cookie it stays known (`sign_in_tries`)."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    key = request.session.session_key
    logout(request)
    UserSession.objects.filter(session_key=key).delete()
    response = render(request, "site/signed_out.html")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    response.headers["Cache-Control"] = "no-store"
    return response


class ChangePassphrase(PasswordChangeView):  # type: ignore[misc]
    success_url = reverse_lazy("account")


change_passphrase = screen()(ChangePassphrase.as_view())


class ChoosePassphrase(PasswordResetConfirmView):
    """The target of an invitation: the holder of the link chooses the passphrase, once."""

    template_name = "site/choose_passphrase.html"
    form_class = ChoosePassphraseForm
    success_url = reverse_lazy("account_login")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        own = getattr(self.user, "partner_id", None) in settings.COMMUNITY.settings.sign_on
        return super().get_context_data(own_provider=own, given=_link_of(self.user), **more)

    def form_valid(self, form: Any) -> HttpResponse:
        """Signs the holder in, and leads to the text that waits for their signature, or to the first partners of a community without any."""
        response = super().form_valid(form)
        event_log.write("link used", request=self.request, who=form.user.email)
        if not Passphrases().user_can_authenticate(form.user):
            return response
        logout(self.request)  # whoever is signed in at this browser
        # Typed twice a moment ago, it is not asked for again before an act that asks for it, for as long as a confirmation holds.
        record_authentication(
            self.request, form.user, method="password", email=form.user.email, reauthenticated=True
        )
        to = _first_page(form.user.actor())
        answer: HttpResponse = perform_login(self.request, Login(user=form.user, redirect_url=to))
        return answer


def _link_of(user: Any) -> dict[str, object] | None:
    """Who gave the account's last link, and when: its holder reads that before anything is opened."""
    last = changes(user.pk).filter(what=AccountEventKind.INVITED).first() if user else None
    if last is None:
        return None
    names = {OPERATOR.email: _("the operator of the site"), "": ""}
    return {
        "on": last.at.date(),
        "account": user.email,
        "giver": names.get(last.by, last.by),
        "asker": names.get(last.asked_by, last.asked_by),
    }


def _first_page(actor: Actor) -> str:
    """The page on which the actor reads and signs the only agreement that waits for the actor's signature; for the steward whom the operator
    named, the form of the first partners while there are none; else the home page."""
    found = [s for s in open_steps(date.today()) if s.kind == "sign" and s.is_for(actor) and s.agreement]
    if len(found) == 1:
        return reverse("agreements:act", args=[found[0].agreement, "sign"])
    return reverse("partners:first" if len(partners()) == 1 and named_by_operator(actor) else "home")


choose_passphrase = ChoosePassphrase.as_view()
