"""Fields of the back office's forms that say what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget


class SuggestedText(UnfoldAdminTextInputWidget):
    """One line, with the known values offered while somebody types."""

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__()
        self.known = sorted(known)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The field and its list; typed text that is not in the list is refused by the form, not by the browser."""
        given = {**(attrs or {}), "list": f"known-{name}", "autocomplete": "off"}
        options = format_html_join("", '<option value="{}">', ((text,) for text in self.known))
        field = super().render(name, value, given, renderer)
        return format_html('{}<datalist id="known-{}">{}</datalist>', field, name, options)


class Words(forms.CharField):
    """A list of short texts, written with commas between them; `blanks` part them as well."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, blanks: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.between = re.compile(r"[\s,;]+" if blanks else r"\s*[,;\n]+\s*")

    def prepare_value(self, value: Any) -> Any:
        """A kept list as it is typed."""
        return ", ".join(str(entry) for entry in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """What was typed as the list that is kept: each text once, numbers without blanks and brackets."""
        typed = super().to_python(value) or ""
        return list(dict.fromkeys(_plain(word) for word in self.between.split(typed.strip()) if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it means something else than what is kept."""
        return bool(list(initial or []) != self.to_python(data))


def _plain(word: str) -> str:
    return re.sub(r"[\s()./-]", "", word) if re.fullmatch(r"\+?[\d\s()./-]+", word) else word
