"""Django's settings for the community that this process serves."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

from throughway.refusals import Refused
from throughway.store import Community

COMMUNITY = Community.locate()

SECRET_KEY = os.environ.get("THROUGHWAY_SECRET_KEY") or os.urandom(32).hex()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "partners.User"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *(
        f"throughway.{room}"
        for room in ("store", "partners", "agreements", "gate", "intake", "identity", "disclosure")
    ),
]
MIDDLEWARE: list[str] = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "DIRS": []}]


def database(url: str | None) -> dict[str, object]:
    """The operational database: SQLite in the community folder, or the PostgreSQL server that the address names."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": COMMUNITY.database,
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
    }


def database_url() -> str | None:
    """The address from the environment, else from the folder's settings, which hold no secret."""
    url = COMMUNITY.settings.get("database", {}).get("url")
    if url and urlsplit(url).password:
        raise Refused(
            "throughway.toml holds the database's password; take it out and set THROUGHWAY_DATABASE_URL instead.",
            code="settings",
        )
    return os.environ.get("THROUGHWAY_DATABASE_URL") or url


DATABASES = {"default": database(database_url())}
