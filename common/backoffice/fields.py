"""Form fields of the back office that suggest or check what is typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget


class SuggestedText(UnfoldAdminTextInputWidget):
    """A text field that suggests known values while somebody types."""

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__()
        self.known = sorted(known)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Render the field and its list; the form, not the browser, refuses a value that is not in the list."""
        given = {**(attrs or {}), "list": f"known-{name}", "autocomplete": "off"}
        options = format_html_join("", '<option value="{}">', ((text,) for text in self.known))
        field = super().render(name, value, given, renderer)
        return format_html('{}<datalist id="known-{}">{}</datalist>', field, name, options)


class WordListField(forms.CharField):
    """A list of short texts, typed with commas between them; with `blanks` also with spaces."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, blanks: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.between = re.compile(r"[\s,;]+" if blanks else r"\s*[,;\n]+\s*")

    def prepare_value(self, value: Any) -> Any:
        """Return a stored list as text for the field."""
        return ", ".join(str(entry) for entry in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the typed text as a list: each text once, phone numbers without spaces and brackets."""
        typed = super().to_python(value) or ""
        return list(dict.fromkeys(_plain(word) for word in self.between.split(typed.strip()) if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the typed text means another list than the stored one."""
        return bool(list(initial or []) != self.to_python(data))


def _plain(word: str) -> str:
    return re.sub(r"[\s()./-]", "", word) if re.fullmatch(r"\+?[\d\s()./-]+", word) else word
