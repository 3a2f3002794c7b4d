"""The forms of the door."""

from allauth.account.forms import LoginForm
from django.contrib.auth.forms import SetPasswordForm
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


class ChosenPassphrase(SetPasswordForm):  # type: ignore[type-arg]
    """The passphrase that the holder of an invitation chooses."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("new_password1", _("New passphrase")),
            ("new_password2", _("The same once more")),
        ):
            self.fields[name].label = label
            self.fields[name].help_text = ""
