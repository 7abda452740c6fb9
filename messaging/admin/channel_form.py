"""The form of a channel: settings, and fields in which a secret is set but never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from messaging.models import Channel
from messaging.queries import credentials_of, provider_of


def secret_names(channel: Channel) -> list[str]:
    """The secrets that a member may set. A server's address is the operator's (setup_channel): it may be private."""
    return [name for name in provider_of(channel).credential_names if not name.endswith("_url")]


class ChannelForm(forms.ModelForm):
    """Settings with the types that the rest of the product counts on."""

    def clean_owner_addresses(self) -> list[str]:
        return _words(self.cleaned_data["owner_addresses"])

    def clean_allowed_links(self) -> list[str]:
        return _words(self.cleaned_data["allowed_links"])

    def clean_messages_per_second(self) -> float | None:
        value: float | None = self.cleaned_data["messages_per_second"]
        if value is not None and not 0.01 <= value <= 1000:
            raise ValidationError(_("Between 0.01 and 1000."))
        return value

    def clean_reopen_template(self) -> dict[str, Any]:
        value = self.cleaned_data["reopen_template"] or {}
        is_right = (
            isinstance(value, dict)
            and set(value) <= {"name", "language", "variables", "buttons"}
            and all(isinstance(value.get(name, ""), str) for name in ("name", "language"))
            and all(isinstance(value.get(name, []), list) for name in ("variables", "buttons"))
            and (not value or value.get("name"))
        )
        if not is_right:
            raise ValidationError(_('Write it like {"name": "...", "language": "en", "variables": ["{name}"]}.'))
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        provider = provider_of(self.instance)
        known = set(credentials_of(self.instance)) | set(self.secrets())
        missing = [name for name in provider.required_credentials if name not in known]
        for name in missing:
            if self.secrets() and f"secret_{name}" in self.fields:
                self.add_error(f"secret_{name}", _("This wire cannot do without it."))
            elif self.secrets():
                self.add_error(None, _("%s is missing: the operator sets it with setup_channel.") % name)
        return cleaned

    def secrets(self) -> dict[str, str]:
        """The secrets that were written into the form."""
        given = {name: self.cleaned_data.get(f"secret_{name}", "") for name in secret_names(self.instance)}
        return {name: value.strip() for name, value in given.items() if value and value.strip()}


def channel_form(channel: Channel) -> type[ChannelForm]:
    """The form with one write-only field for each secret of the channel's wire."""
    attrs = {"class": " ".join(INPUT_CLASSES), "autocomplete": "new-password"}
    fields: dict[str, Any] = {
        f"secret_{name}": forms.CharField(
            label=name,
            required=False,
            max_length=2000,
            widget=forms.PasswordInput(attrs=attrs),
            help_text=_("Empty: stays as it is. A new value takes over at once; the former one is valid for a day."),
        )
        for name in secret_names(channel)
    }
    return type("ChannelFormWithSecrets", (ChannelForm,), fields)


def _words(value: Any) -> list[str]:
    value = value or []
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry.strip() for entry in value):
        raise ValidationError(_('Write it as a list of texts, like ["+15550100200"].'))
    return [entry.strip() for entry in value]
