"""The form of a channel: settings, and write-only fields for its secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget

from common.backoffice.fields import WordListField
from common.text.phone_numbers import parse_contact_address
from messaging.models import Channel
from messaging.providers import PROVIDERS
from messaging.queries import credentials_of, provider_of

HOST = re.compile(r"(https?://)?[\w-]+(\.[\w-]+)*(:\d+)?(/\S*)?")


def _each(pattern: re.Pattern[str], told: Any) -> Callable[[list[str]], None]:
    """Return a validator that checks every item of a list."""

    def check(words: list[str]) -> None:
        for word in words:
            if not pattern.fullmatch(word):
                raise ValidationError(told % word)

    return check


def secret_names(channel: Channel) -> list[str]:
    """Return the secrets that a member may set. A server's address is set by the operator (setup_channel).

    It may be private.
    """
    return [name for name in provider_of(channel).credential_names if not name.endswith("_url")]


class ChannelForm(forms.ModelForm):
    """A channel's settings, with the types that the rest of the product expects."""

    owner_addresses = WordListField(
        required=False,
        help_text=_("The owner's private numbers or addresses, with commas between: commands from these count."),
    )  # fmt: skip
    allowed_links = WordListField(
        blanks=True, required=False, validators=[_each(HOST, _("%s is no host, like example.com."))],
        help_text=_("Hosts the assistant may link to, like example.com, with commas between."),
    )  # fmt: skip

    class Meta:
        widgets = {"reopen_template": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"owner_addresses", "allowed_links"} & set(self.fields):
            self.fields[name].label = capfirst(str(label_for_field(name, Channel)))

    def clean_owner_addresses(self) -> list[str]:
        """Return the addresses in the form in which they are compared with senders."""
        found = {word: parse_contact_address(word) for word in self.cleaned_data["owner_addresses"]}
        for word, address in found.items():
            if not address:
                raise ValidationError(_("%s is no number and no address.") % word)
        return list(dict.fromkeys(found.values()))

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
                self.add_error(f"secret_{name}", _("This provider requires it."))
            elif self.secrets():
                self.add_error(None, _("%s is missing: the operator sets it with setup_channel.") % name)
        return cleaned

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were typed into the form."""
        given = {name: self.cleaned_data.get(f"secret_{name}", "") for name in secret_names(self.instance)}
        return {name: value.strip() for name, value in given.items() if value and value.strip()}


class NewChannelForm(forms.ModelForm):
    """The first fields of a new channel; what people often enter by mistake is refused with a hint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("As your people call it, like Main line.")
        self.fields["external_id"].help_text = " ".join(
            f"{provider.label}: {_(provider.guide.external_id)}." for provider in PROVIDERS.values()
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        provider, typed = PROVIDERS.get(cleaned.get("provider", "")), cleaned.get("external_id", "")
        if provider is not None and typed:
            try:
                cleaned["external_id"] = provider.clean_external_id(typed)
            except ValueError as error:
                self.add_error("external_id", _(str(error)))
        return cleaned


def channel_form(channel: Channel) -> type[ChannelForm]:
    """Return the form with one write-only field for each secret of the channel's provider."""
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
