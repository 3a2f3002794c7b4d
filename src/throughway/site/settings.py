"""Django's settings for the community that this process serves."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

from throughway.site.secret_key import secret_key
from throughway.site.signing_in import *  # noqa: F403
from throughway.store import Community
from throughway.store.database_record import check_engine, sqlite_address

COMMUNITY = Community.locate()

SECRET_KEY = secret_key(COMMUNITY)
DEBUG = os.environ.get("THROUGHWAY_DEVELOPING") == "1"  # `throughway serve` never passes it on
SECURE = COMMUNITY.settings.site.https
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *COMMUNITY.settings.site.hosts]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOMS = (
    "store",
    "partners",
    "agreements",
    "negotiation.drafting",
    "negotiation",
    "governance",
    "consent",
    "training",
    "ledger",
    "intake",
    "identity",
    "destruction",
    "families",
    "publication",
    "extracts",
    "insight",
    "supports",
    "casework",
    "evidence",
    "site.open_steps",
    "site.readiness",
)
INSTALLED_APPS = [
    "throughway.site",  # before allauth, whose templates it replaces
    *(f"throughway.{room}" for room in ROOMS),
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_cotton",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "throughway.site.middleware.RecordChannel",
    "throughway.site.middleware.JsonOnly",
    "throughway.site.middleware.ErrorPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "throughway.site.middleware.LimitAnonymousRequests",
    "throughway.site.middleware.SessionLimits",
    "throughway.site.middleware.KnownBrowser",
    "throughway.site.middleware.SecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "throughway.site.uploaded_files.UnnamedFileUploadHandler",
]
ROOT_URLCONF = "throughway.site.urls"
WSGI_APPLICATION = "throughway.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {
            "builtins": ["django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "throughway.site.navigation.page_context",
            ],
        },
    }
]

# Static files: those of the rooms, served by whitenoise.
STATIC_URL = "/static/"
COLLECTED = COMMUNITY.data / "static"
IS_COLLECTED = not DEBUG and (COLLECTED / "staticfiles.json").is_file()
STATIC_ROOT = str(COLLECTED) if IS_COLLECTED else None
WHITENOISE_USE_FINDERS = not IS_COLLECTED
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Nothing from elsewhere, nothing inline: no script, no style, no frame.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE else 0  # the proxy that terminates https adds the client's address
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # a monitor on this machine asks over plain http
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
SILENCED_SYSTEM_CHECKS = [
    # A community decides for its own name, not for those beneath it, and a list of browsers is not ours to join.
    "security.W005",
    "security.W021",
]
if not SECURE:
    # For local use only, unless `[site] https = true` in throughway.toml switches these on.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

# Events are written only by `journal`; the framework's own log lines could contain URLs and values.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"none": {"class": "logging.NullHandler"}},
    "loggers": {"django": {"handlers": ["none"], "propagate": False}},
}

# The languages of the public pages; all others are in English.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]

# Tasks that outlive a request are queued in the database for a separate process.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def database(url: str | None) -> dict[str, object]:
    """The operational database: SQLite in the community folder, or the PostgreSQL server that the address names."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite_address(COMMUNITY),
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: a ledger entry must survive the loss of power before its rows are handed out.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON",
            },
        }
    parts = urlsplit(url)
    socket_folder = parse_qs(parts.query).get("host", [""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or socket_folder),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # `prepare_threshold`: for the ledger's own statement; those that Django sends are never prepared.
        "OPTIONS": {"prepare_threshold": 5, "connect_timeout": 10},
    }


def database_url() -> str | None:
    """The database URL from the environment, otherwise from the folder's settings, which contain no secret."""
    check_engine(COMMUNITY)
    return COMMUNITY.database_url


DATABASES = {"default": database(database_url())}
