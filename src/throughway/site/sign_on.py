"""Single sign-on: a partner's people sign in with their organization's own OpenID provider.

The register decides who has an account; a provider only says who somebody is. A provider speaks for the users of its own partner alone,
by a verified e-mail address, and from the first time on by its subject for that person.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from throughway.core.refusals import Refused
from throughway.partners import actions, selectors
from throughway.site import event_log
from throughway.store.settings_file import SignOnSettings

# Of public keys alone: neither the client secret nor "none" can stand for one.
SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
# `email_verified` by OpenID Connect; `xms_edov` is the optional claim by which Microsoft Entra says the same.
VERIFIED = ("email_verified", "xms_edov")
SENTENCES: Mapping[str, str | Promise] = {
    "cancelled": _("Your organization did not sign you in. Try again, or ask its administrator."),
    "failed": _("Your organization’s sign-in gave no answer that can be trusted. Try again, or tell the operator of this site."),
    "unverified": _("Your organization does not confirm your e-mail address. Ask its administrator to send a verified address."),
    "no_account": _("You have no open account here. Ask your organization’s data steward."),
    "other_identity": _("Your account here belongs to another identity of your organization. Ask your data steward for a new link."),
}  # fmt: skip


class PartnerAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """What the protocol leaves to the client: the issuer must be the partner's own, and the identity token be signed by it."""

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        own = sign_on_settings()[self.provider_id].issuer
        if str(config.get("issuer", "")).rstrip("/") != own.rstrip("/"):
            raise OAuth2Error("The provider names another issuer.")
        return config

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """The claims of the token. allauth trusts the connection; here the signature is checked too."""
        config = self.openid_config
        with get_adapter().get_requests_session() as session:
            answer = session.get(config["jwks_uri"])
            answer.raise_for_status()
        try:
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
            kid = jwt.get_unverified_header(id_token).get("kid")
            fitting = [key for key in keys if key.key_id == kid] if kid else keys
            if len(fitting) != 1:
                raise OAuth2Error("The token does not say with which key it is signed.")
            claims: dict[str, Any] = jwt.decode(
                id_token, fitting[0], algorithms=SIGNATURES, audience=app.client_id, issuer=config["issuer"],
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise OAuth2Error("The token is not valid.") from error
        return claims


class PartnerProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = PartnerAdapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        return ["openid", "email"]

    def get_auth_params(self) -> dict[str, str]:
        """Who is signed in here already must confirm who they are: the provider asks the person, not its own session."""
        return {"prompt": "login"} if self.request.user.is_authenticated else {}

    def sociallogin_from_response(self, request: HttpRequest, response: Mapping[str, Any]) -> SocialLogin:
        """Keeps of the claims only the subject; the others serve this sign-in alone."""
        token, page = checked_claims(response)
        account = SocialAccount(provider=self.sub_id, uid=token["sub"], extra_data={})
        login = SocialLogin(provider=self, account=account)
        login.email = verified_email(token, page)
        return login


def checked_claims(response: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The claims of the signed identity token, and those of the user's page at the provider, which must be about the same subject."""
    token, page = response.get("id_token"), response.get("userinfo") or {}
    if not token or not isinstance(token.get("sub"), str) or not token["sub"]:
        raise OAuth2Error("The provider sent no identity.")
    if page and page.get("sub") != token["sub"]:
        raise OAuth2Error("The provider's answers are about two people.")
    return token, page


def verified_email(*sources: Mapping[str, Any]) -> str:
    """The first address that its own source calls verified; empty where there is none."""
    for claims in sources:
        says = any(claims.get(name) in (True, 1, "1", "true") for name in VERIFIED)
        if says and isinstance(claims.get("email"), str):
            return str(claims["email"])
    return ""


class SignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Nobody gets an account by signing on, and nothing is connected or disconnected by users."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The providers of the settings file."""
        return [
            SocialApp(
                provider="openid_connect", provider_id=partner, name=found.name, client_id=found.client_id,
                secret=found.secret, settings={"server_url": found.issuer.rstrip("/")},
            )
            for partner, found in sign_on_settings().items()
            if provider in (None, partner, "openid_connect") and client_id in (None, found.client_id)
        ]  # fmt: skip

    def get_provider(
        self, request: HttpRequest | None, provider: str, client_id: str | None = None
    ) -> PartnerProvider:
        return PartnerProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The account of the register, or a page that says why there is none."""
        partner = sociallogin.account.provider
        if not sociallogin.email:
            raise refused(request, partner, "unverified")
        user = selectors.open_account(partner, sociallogin.email)
        if user is None:
            raise refused(request, partner, "no_account")
        try:
            actions.bind_identity(email=user.email, subject=sociallogin.account.uid, by=user.actor())
        except Refused as found:
            raise refused(request, partner, found.code, who=user.email) from None
        sociallogin.user = selectors.open_account(partner, user.email)  # as it is now, without its passphrase

    def on_authentication_error(
        self, request: HttpRequest, provider: PartnerProvider, error: str | None = None, exception: Any = None, extra_context: Any = None
    ) -> None:  # fmt: skip
        why = "cancelled" if error == AuthError.CANCELLED else "failed"
        raise refused(request, provider.sub_id, why)


def sign_on_settings() -> Mapping[str, SignOnSettings]:
    """By partner: the provider of its people."""
    found: Mapping[str, SignOnSettings] = settings.COMMUNITY.settings.sign_on
    return found


def refused(request: HttpRequest, partner: str, why: str, who: str = "") -> ImmediateHttpResponse:
    """The page for somebody who is not signed in, and a line of the journal; neither repeats what the provider said."""
    event_log.write(
        "sign-on failed", request=request, partner=partner, why=why, **({"who": who} if who else {})
    )
    return ImmediateHttpResponse(refusal_page(request, why))


def refusal_page(request: HttpRequest, why: str) -> HttpResponse:
    context = {"title": _("You are not signed in"), "sentence": SENTENCES[why], "must_sign_in": True}
    response = render(request, "site/error.html", context, status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


def begin(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Sends the browser to the partner's provider."""
    provider = _provider(request, provider_id)
    try:
        answer: HttpResponseBase = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except (OAuth2Error, RequestException, ValueError, KeyError):
        return _answer(refused(request, provider_id, "failed"))
    except ImmediateHttpResponse as found:
        return _answer(found)
    return answer


def come_back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Where the provider sends the browser back to."""
    _provider(request, provider_id)
    try:
        answer: HttpResponseBase = OAuth2CallbackView.adapter_view(PartnerAdapter(request, provider_id))(
            request
        )
    except (ValueError, KeyError, TypeError):  # an answer that is not of the protocol
        return _answer(refused(request, provider_id, "failed"))
    return answer


def _answer(found: ImmediateHttpResponse) -> HttpResponseBase:
    response: HttpResponseBase = found.response
    return response


def _provider(request: HttpRequest, partner: str) -> PartnerProvider:
    if partner not in sign_on_settings():
        raise Http404
    found: PartnerProvider = get_adapter(request).get_provider(request, partner)
    return found
