"""The catalogues of the back office: find the texts to translate, report missing translations, compile.

Texts are found without gettext's programs: in Python by the syntax tree, in templates by Django's own reader, and names
of models and fields by asking Django. Texts of the theme that Django does not translate are translated here too.
"""

from __future__ import annotations

import ast
import gettext
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
LANGUAGES = ("pt_BR", "es", "ro")
SKIPPED = {".venv", "tests", "var", "benchmarks", "chaos", "simulator", "bin", "migrations", "management"}
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
CUSTOMER = "customer\x04"  # a text for customers: with its context, as in a compiled catalogue
PLURAL = {"ngettext", "ngettext_lazy"}
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
HEADER = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
PLURALS = {
    "pt_BR": "nplurals=2; plural=(n > 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "ro": "nplurals=3; plural=(n==1 ? 0 : (n==0 || (n%100>0 && n%100<20)) ? 1 : 2);",
}

# {text: its plural, or ""}
Texts = dict[str, str]


def main(check: bool) -> int:
    """Update the catalogues, or with `check` only report what is wrong with them; returns 1 when something is."""
    texts, wrong = wanted(), 0
    for language in LANGUAGES:
        if not check:
            write(language, texts)
        for problem in problems(language, texts):
            print(f"{language}: {problem}")
            wrong += 1
    print(f"frontdesk: {len(texts)} texts, {wrong} things to mend")
    return int(wrong > 0)


def wanted() -> Texts:
    """Return every text that an operator may see."""
    found: Texts = {}
    for path in sorted(ROOT.rglob("*")):
        if not SKIPPED & set(path.relative_to(ROOT).parts):
            found |= texts_of(path)
    translated = djangos()
    theme = {text: plural for text, plural in the_theme().items() if text not in translated}
    return found | dict.fromkeys(names(), "") | theme


def texts_of(path: Path) -> Texts:
    """Return the marked texts of one file."""
    if path.suffix == ".py":
        return dict(marked(path.read_text()))
    if path.suffix == ".html":
        from django.utils.translation.template import templatize

        return dict(marked_in_template(templatize(path.read_text())))
    return {}


def marked(source: str) -> Iterator[tuple[str, str]]:
    """Yield (text, plural) of each call of a gettext function."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [part.value for part in node.args[:2] if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name in CALLS and words:
            yield words[0], words[1] if name in PLURAL and len(words) > 1 else ""
        if name == "customer_text" and words:
            yield CUSTOMER + words[0], ""
        if name == "Meaning":  # the meaning of a provider's error code is shown to operators (common.text.reasons)
            yield from ((part.value.value, "") for part in node.keywords if is_reason(part))


def is_reason(part: ast.keyword) -> bool:
    """Return whether a keyword argument is a reason shown to people."""
    return part.arg == "reason" and isinstance(part.value, ast.Constant)


def marked_in_template(source: str) -> Iterator[tuple[str, str]]:
    """Yield the same for what Django makes of a template: gettext calls, with letters in place of the rest."""
    text = r"(u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|u?\"\"\".*?\"\"\")"
    for call in re.finditer(rf"\b(n?gettext|_)\(\s*{text}(?:\s*,\s*{text})?", source, re.DOTALL):
        yield ast.literal_eval(call[2]), ast.literal_eval(call[3]) if call[1] == "ngettext" and call[3] else ""


def names() -> set[str]:
    """The names of our models and their fields."""
    from common.backoffice.names import english_names
    from config.apps import own_models

    return english_names(own_models())


def the_theme() -> Texts:
    """Return the texts of the back office's theme."""
    import unfold

    found: Texts = {}
    for path in sorted(Path(unfold.__file__).parent.rglob("*")):
        if "contrib" not in path.parts:  # its support for other libraries, which are not installed
            found |= texts_of(path)
    return found


def djangos() -> set[str]:
    """Return the texts that Django itself translates."""
    import django

    folder = Path(django.__file__).parent
    return {
        entry.msgid for path in folder.rglob("locale/en/LC_MESSAGES/django.po") for entry in polib.pofile(str(path))
    }


def catalogue(language: str) -> Path:
    """Return the catalogue file of a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def entries_of(path: Path) -> dict[str, polib.POEntry]:
    """Return the entries of a catalogue by their text, those with a context by both as in a compiled catalogue."""
    entries = polib.pofile(str(path))
    return {f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid: entry for entry in entries}


def write(language: str, texts: Texts) -> None:
    """Add new texts untranslated, remove those that are gone, and compile."""
    path = catalogue(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    known = entries_of(path) if path.exists() else {}
    page = polib.POFile(wrapwidth=0)
    page.metadata = {"Language": language, **HEADER, "Plural-Forms": PLURALS[language]}
    for text in sorted(texts):
        entry = known.get(text)
        if entry is None or bool(entry.msgid_plural) != bool(texts[text]):
            context, _, said = text.rpartition("\x04")
            entry = polib.POEntry(msgid=said, msgid_plural=texts[text], msgctxt=context or None)
            if texts[text]:
                entry.msgstr_plural = dict.fromkeys(range(count_of(language)), "")
        entry.flags = [flag for flag in entry.flags if flag == "fuzzy"]
        page.append(entry)
    path.write_text(str(page) + "\n")
    path.with_suffix(".mo").write_bytes(polib.pofile(str(path)).to_binary())


def problems(language: str, texts: Texts) -> Iterator[str]:
    """Yield what is wrong with a catalogue, as sentences."""
    path = catalogue(language)
    entries = entries_of(path)
    for text in sorted(texts.keys() - entries.keys()):
        yield f"missing: {text!r}"
    for text, entry in entries.items():
        if reason := fault(text, entry, texts, count_of(language)):
            yield f"{reason}: {text!r}"
    if not is_current(path):
        yield "the compiled file is not current: run bin/messages"


def fault(text: str, entry: polib.POEntry, texts: Texts, forms: int) -> str:
    """Return what is wrong with one entry, "" when nothing is."""
    said = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if text not in texts:
        return "not in the code any more"
    if not all(said) or (entry.msgid_plural and len(said) != forms):
        return "not translated"
    if entry.fuzzy:
        return "fuzzy"
    # One form of a plural may leave out the number ("one minute"); no form may have a placeholder without a value.
    allowed = places(text) | places(entry.msgid_plural)
    if not all(places(form) <= allowed for form in said) or (not entry.msgid_plural and places(said[0]) != allowed):
        return "other placeholders"
    return ""


def places(text: str) -> set[str]:
    """Return the placeholders of a text, each with its count."""
    found = PLACES.findall(text)
    return {f"{place}{found[:number].count(place)}" for number, place in enumerate(found)}


def is_current(path: Path) -> bool:
    """Return whether the compiled catalogue is up to date."""
    compiled = path.with_suffix(".mo")
    if not compiled.exists():
        return False
    fresh = gettext.GNUTranslations(io.BytesIO(polib.pofile(str(path)).to_binary()))
    with compiled.open("rb") as file:
        return vars(fresh)["_catalog"] == vars(gettext.GNUTranslations(file))["_catalog"]


def count_of(language: str) -> int:
    """Return the number of plural forms of a language."""
    return int(PLURALS[language].partition("nplurals=")[2][0])


def set_up() -> None:
    """Set up Django, for the names of models."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


if __name__ == "__main__":
    set_up()
    sys.exit(main("--check" in sys.argv[1:]))
