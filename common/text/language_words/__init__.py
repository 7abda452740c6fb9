"""Word lists for detecting a language, as people write in chats: lower case, no accents, no apostrophes.

`<language>.txt` lists the words of a language; a word that two languages share is in both lists, so that it counts for
neither. `everywhere.txt` lists names of people, places and things and words used all over the world, which count for no
language. Better lists improve `common.text.language`; `bin/bench --only words` shows by how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent
_LISTS = {file.stem: frozenset(file.read_text(encoding="utf-8").split()) for file in sorted(_FOLDER.glob("*.txt"))}

EVERYWHERE: frozenset[str] = _LISTS.pop("everywhere")
WORDS: Mapping[str, frozenset[str]] = _LISTS
# Word pairs that identify a language only together.
PHRASES: Mapping[str, list[str]] = {
    "pt": ["que horas", "por nada", "me avisa", "da pra", "no feriado", "no sabado", "na hora", "lista de espera"],
    "es": ["a que", "los dos", "las dos", "de comer", "tal vez", "y tu", "en el", "no me", "a la hora", "hay lista"],
    "ro": ["la ce", "cat e", "e gata", "ca de"],
    "en": ["to go", "go to", "do you", "how much"],
    "fr": ["ca va", "a demain"],
    "it": ["va bene", "che ore"],
}
# Words that only their accents distinguish.
ACCENTED: Mapping[str, frozenset[str]] = {
    "pt": frozenset("é às há só já até são será você vocês também amanhã não então três avó mês".split()),  # noqa: SIM905 - reads as text
    "es": frozenset("sí qué cuál cómo cuándo dónde cuánto quién tú él más aquí ahí allí así aún".split()),  # noqa: SIM905 - reads as text
    "ro": frozenset("și să că dacă după fără până când cât vă mă îmi în ați aș astăzi mâine".split()),  # noqa: SIM905 - reads as text
}
