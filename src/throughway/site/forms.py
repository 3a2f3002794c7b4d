"""The forms of the door."""

from allauth.account.forms import LoginForm
from django.utils.translation import gettext_lazy as _


class SignIn(LoginForm):  # type: ignore[misc]
    """E-mail address and passphrase."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].error_messages["required"] = _("Type your e-mail address.")
        self.fields["login"].error_messages["invalid"] = _("Write it as name@example.org.")
        self.fields["password"].label = _("Passphrase")
        self.fields["password"].error_messages["required"] = _("Type your passphrase.")
        self.fields["password"].help_text = ""
