"""Names of models and fields in the viewer's language.

Django derives them from the names in the code; here each becomes a translatable text, so that no model has to declare
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def translate_names(own: Iterable[type[models.Model]]) -> None:
    """Make the names of these models and their fields follow the active language."""
    for holder, attribute in _named(own):
        setattr(holder, attribute, gettext_lazy(str(getattr(holder, attribute))))


def english_names(own: Iterable[type[models.Model]]) -> set[str]:
    """Return all these names in English, for the catalogues."""
    found = {str(getattr(holder, attribute)) for holder, attribute in _named(own, every=True)}
    return {name for name in found if name}


def _named(own: Iterable[type[models.Model]], *, every: bool = False) -> Iterator[tuple[Any, str]]:
    for model in own:
        places: list[tuple[Any, str]] = [(model._meta, "verbose_name"), (model._meta, "verbose_name_plural")]
        places += [(field, "verbose_name") for field in model._meta.fields + model._meta.many_to_many]
        places += [(model._meta.app_config, "verbose_name")]
        for holder, attribute in places:
            # A plural that Django derived from the singular is lazy as well, but always in English.
            is_made = attribute == "verbose_name_plural" and attribute not in model._meta.original_attrs
            if every or is_made or not isinstance(getattr(holder, attribute), Promise):
                yield holder, attribute
