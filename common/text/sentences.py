"""Sentences for customers and approvers: English stands in the code, other languages in gettext's catalogues.

The catalogues are those of the back office (`locale/`), under a context of their own: a customer is addressed in
another tone than an operator, and one English text may need two translations.
"""

from __future__ import annotations

from django.utils import translation

from common.text.language import nearest_language

CONTEXT = "customer"
CATALOGUES = {"pt": "pt-br"}  # the catalogue of a language, where its name is another


def translate(text: str, language: str, /, **values: object) -> str:
    """Return a marked text in a language such as "pt" or "pt-br", with `values`, if any, in place of its {names}."""
    known = nearest_language(language)
    if known != "en":
        with translation.override(CATALOGUES.get(known, known)):
            text = translation.pgettext(CONTEXT, text)
    return text.format(**values) if values else text
