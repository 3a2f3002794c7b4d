"""Every address of the site, room by room."""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as codes_views
from allauth.mfa.totp import views as totp_views
from allauth.usersessions import views as session_views
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from throughway.site import sign_on, views
from throughway.site.backups import backups
from throughway.site.health import health
from throughway.site.home.views import home
from throughway.site.language import spoken
from throughway.site.search import search

ROOMS = {
    "agreements/": "throughway.agreements",
    "loads/": "throughway.intake",
    "persons/": "throughway.identity",
    "students/": "throughway.casework",
    "sessions/": "throughway.casework.sessions",
    "ledger/": "throughway.ledger",
    "partners/": "throughway.partners",
    "releases/": "throughway.publication",
    "extracts/": "throughway.extracts",
    "pipeline/": "throughway.insight.pipeline",
    "supports/": "throughway.supports",
    "services/": "throughway.insight.commitments",
    "needs/": "throughway.insight.needs",
    "overlaps/": "throughway.insight.overlaps",
    "trends/": "throughway.insight.trends",
    "experiences/": "throughway.insight.experiences",
    "school-trends/": "throughway.insight.school_trends",
    "program-trends/": "throughway.insight.program_trends",
    "reach/": "throughway.insight.reach",
    "figures/": "throughway.insight.questions",
    "desk/": "throughway.insight.desk",
    "studies/": "throughway.evidence",
    "drafts/": "throughway.negotiation.drafting",
    "negotiation/": "throughway.negotiation",
    "governance/": "throughway.governance",
    "destruction/": "throughway.destruction",
    "requests/": "throughway.families",
    "training/": "throughway.training",
    "open-steps/": "throughway.site.open_steps",
    "tokens/": "throughway.partners.tokens",
    "vocabulary/": "throughway.site.vocabulary",
    "month/": "throughway.site.monthly",
    "start/": "throughway.site.readiness",
    "api/": "throughway.site.api",
}
handler400 = "throughway.site.errors.bad_request"
handler403 = "throughway.site.errors.not_allowed"
handler404 = "throughway.site.errors.unknown"
handler429 = "throughway.site.errors.too_many"  # of allauth
handler500 = "throughway.site.errors.broken"

# Only the allauth pages that a community without its own mail server needs; their names are kept, because allauth links by them.
ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", spoken(allauth_views.login), name="account_login"),
    path("sign-in/at/<slug:provider_id>/", spoken(sign_on.begin), name="openid_connect_login"),
    path("sign-in/at/<slug:provider_id>/back/", spoken(sign_on.come_back), name="openid_connect_callback"),
    path("sign-in/code/", spoken(mfa_views.authenticate), name="mfa_authenticate"),
    path("sign-in/new/<uidb64>/<token>/", spoken(views.choose_passphrase), name="choose_passphrase"),
    path("sign-out/", spoken(views.sign_out), name="account_logout"),
    path("language/", set_language, name="language"),
    path("account/", views.account, name="account"),
    path("account/passphrase/", views.change_passphrase, name="account_change_password"),
    path("account/confirm/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/", views.account, name="mfa_index"),
    path("account/second-factor/add/", totp_views.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/remove/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/codes/", codes_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/codes/new/", codes_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/sessions/", session_views.list_usersessions, name="usersessions_list"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("health/", health, name="health"),
    path("backups/", backups, name="backups"),
    *ACCOUNT,
    *(path(prefix, include(f"{room}.urls")) for prefix, room in ROOMS.items()),
    path("", include("throughway.agreements.public_register.urls")),
    path("", include("throughway.supports.public_directory.urls")),
]
