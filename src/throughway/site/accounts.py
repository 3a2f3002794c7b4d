"""Accounts with allauth: no self-registration, and the same answer for every failed attempt."""

import base64
import hashlib
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from throughway.partners.models import User
from throughway.site import event_log, sign_in_tries


class Passphrases(AuthenticationBackend):  # type: ignore[misc]
    """A closed user, and one whose last day has passed, is answered like an unknown one."""

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """The user with the partner, which every page shows."""
        return User.objects.open().select_related("partner").filter(pk=user_id).first()

    def user_can_authenticate(self, user: AbstractBaseUser) -> bool:
        """Not by a passphrase where the partner has a provider of its own: who leaves it must not come in beside it."""
        others = settings.COMMUNITY.settings.sign_on
        if not getattr(user, "is_open", False):
            return False
        return bool(super().user_can_authenticate(user)) and getattr(user, "partner_id", None) not in others

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> AbstractBaseUser | None:
        return None


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "That address and passphrase do not open an account. Check both, or ask your data steward for a new link."
        ),
        "too_many_login_attempts": _(
            "Too many tries. Wait five minutes, then try again. If that does not help, use a browser in which you signed in before, or ask your data steward for a new link."
        ),
        "rate_limited": _("Too many tries. Wait five minutes, then try again."),
        "incorrect_password": _("That is not your passphrase. Try again."),
        "enter_current_password": _("That is not your passphrase. Try again."),
        "incorrect_code": _("That code is not right. Wait for the next one and type it without spaces."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's count for the account alone, with which a stranger could lock its holder out."""
        self._login_failed_rl_usage = sign_in_tries.count_try(request, str(credentials.get("email", "")))
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        event_log.failed_sign_in(request, str(credentials.get("email", "")))

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code in ("too_many_login_attempts", "rate_limited"):
            event_log.throttled(context.request)
        found: ValidationError = super().validation_error(code, *args)
        return found

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """The first authenticator is set up, and its recovery codes are read, without typing again the passphrase that opened this
        session a moment ago."""
        required = super().is_reauthentication_required(app=app, **more)
        request = context.request
        # Our own pages, such as giving a link, name no app: they are always asked for it again.
        return required and not (
            app == "allauth.mfa" and (_begins_with_first_factor(request) or _reads_first_codes(request))
        )

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Our users have one address, which is not kept a second time."""
        again = self.authenticate(context.request, email=user.get_username(), password=password)
        return again is not None and again.pk == user.pk


def _begins_with_first_factor(request: HttpRequest) -> bool:
    """Whether a user without any authenticator signed in within the time that a confirmation holds."""
    return _signed_in_lately(request) and not Authenticator.objects.filter(user=request.user).exists()


def _reads_first_codes(request: HttpRequest) -> bool:
    """Whether this session opens the page of the codes that came with the first authenticator, which it set up itself, within the time
    that a confirmation holds since it signed in."""
    match = request.resolver_match
    return (
        match is not None
        and match.url_name == "mfa_view_recovery_codes"
        and event_log.set_up_here(request)
        and _signed_in_lately(request)
    )


def _signed_in_lately(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator secrets are stored sealed under the site's own key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": Accounts.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _("This community requires a second factor, so it stays."),
        "unreadable": _(
            "The site can no longer read your second factor, because its key was replaced. Ask your data steward or the operator of the site for a new link."
        ),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode("ascii")).decode()
        except InvalidToken:
            request = context.request
            event_log.write("second factor unreadable", request=request, who=event_log.account_tried(request))
            raise self.validation_error("unreadable") from None

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not settings.COMMUNITY.settings.site.requires_second_factor


def _cipher() -> Fernet:
    derived = hashlib.sha256(b"throughway second factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and passphrase."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].error_messages["required"] = _("Type your e-mail address.")
        self.fields["login"].error_messages["invalid"] = _("Write it as name@example.org.")
        self.fields["password"].label = _("Passphrase")
        self.fields["password"].error_messages["required"] = _("Type your passphrase.")
        self.fields["password"].help_text = ""


class ConfirmForm(ReauthenticateForm):  # type: ignore[misc]
    """The passphrase once more, before something that must not be done at a desk that was left."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Passphrase")
        self.fields["password"].error_messages["required"] = _("Type your passphrase.")
        self.fields["password"].help_text = ""


class ChoosePassphraseForm(SetPasswordForm):  # type: ignore[type-arg]
    """The passphrase that the holder of an invitation chooses."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("new_password1", _("New passphrase")),
            ("new_password2", _("Type the new passphrase again")),
        ):
            self.fields[name].label = label
            self.fields[name].help_text = ""
