"""Settings for signing in: by e-mail only, no self-registration, throttled, with a second factor."""

AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["throughway.site.accounts.Passphrases"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # validity of an invitation

# NIST SP 800-63B: long, of any characters, not one that everybody tries.
PASSWORD_HASHERS = ["throughway.site.passphrase_hasher.PassphraseHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "throughway.site.errors.open_too_long"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Attempts are counted in the database, so that all processes of the server share the count.
CACHES = {
    "default": {"BACKEND": "throughway.site.throttle_cache.ThrottleCache", "LOCATION": "site_throttle"},
}

ACCOUNT_ADAPTER = "throughway.site.accounts.Accounts"
ACCOUNT_FORMS = {
    "login": "throughway.site.accounts.SignInForm",
    "reauthenticate": "throughway.site.accounts.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# A school's people share one address of the network and sign in at eight together; one person does not try a hundred times.
# `login_failed` counts wrong codes of the second factor alone; wrong passphrases are counted by `sign_in_tries`.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/5m/ip,5/5m/key"}
SOCIALACCOUNT_ADAPTER = "throughway.site.sign_on.SignOn"
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "throughway.site.accounts.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Throughway"
MFA_ALLOW_UNVERIFIED_EMAIL = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # the site sends no mail
