"""Whether two subjects of a reminder say the same: signs, case, accents and polite words around do not count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

GREETINGS = re.compile(
    r"\b(?:good (?:morning|afternoon|evening|night)|bom dia|boa (?:tarde|noite)|tudo bem|"
    r"buen(?:os dias|as tardes|as noches)|buna (?:ziua|dimineata|seara)|noapte buna)\b"
)
BRACKETS = re.compile(r"\(([^)]*)\)")
# Words that ask for a reminder, polite words, and the small words that join a time to the rest. All four languages
# at once, since people mix them. No word that says a time may stand here: one that is left over must be seen.
LIGHT = frozenset(
    word
    for line in (
        "remind reminder me set please pls plz can could would you hi hey hello thanks thank thx so much yeah ok",
        "to the a an at on in of for by about that and",
        "lembra lembre lembrar lembrete avisa avise pode podes poderia favor oi ola obrigada obrigado brigada",
        "de do da dos das em no na nos nas ao aos as o os para pra pro por que e",
        "recuerdame recuerdeme recordar recordarme recuerdas puede puedes podria hola gracias vale avisame",
        "del el la los las al en y",
        "aminteste amintiti amintesti aminti adu aduceti aminte mi imi puteti poti va te",
        "rog rugam multumesc mersi buna salut",
        "pe sa ca si despre trebuie",
    )
    for word in line.split()
)


def content(text: str) -> Counter[str]:
    """Count the words of a subject that carry its meaning."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    words = re.findall(r"[a-z0-9]+", GREETINGS.sub(" ", plain))
    return Counter(word for word in words if word not in LIGHT)


def difference(found: str, wanted: str) -> str:
    """Say which words were lost and which are left over; "" when the subjects say the same.

    Words of `wanted` in brackets may be there or not, as often as they like.
    """
    there, right = content(found), content(BRACKETS.sub(" ", wanted))
    free = content(" ".join(BRACKETS.findall(wanted)))
    lost = sorted((right - there).elements())
    left = sorted(word for word in (there - right).elements() if word not in free)
    said = [f"lost: {' '.join(lost)}"] if lost else []
    return "; ".join([*said, f"left over: {' '.join(left)}"] if left else said)
