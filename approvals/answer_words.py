"""The words of answers, by language, as data (folded before comparing); English counts beside every other language."""

from __future__ import annotations

from functools import cache

YES = {
    "en": "yes y yep yeah ok okay approve approved go agreed confirm confirmed",
    "pt": "sim s ok aprovar aprovo aprovado aprovada confirmo confirmado concordo pode",
    "es": "si s ok vale aprobar apruebo aprobado aprobada confirmo confirmado",
    "ro": "da d ok aprob aproba aprobat aprobata confirm confirmat accept de_acord",
}
NO = {
    "en": "no n nope reject rejected deny denied decline declined",
    "pt": "nao n rejeitar rejeito rejeitado rejeitada recuso recusar recusado",
    "es": "no n rechazar rechazo rechazado rechazada",
    "ro": "nu n resping respinge respins respinsa refuz",
}
SKIP = {
    "en": "skip later",
    "pt": "pular pula depois",
    "es": "saltar salta luego despues",
    "ro": "sari mai_tarziu",
}
ALL = {"en": "all everything", "pt": "todos todas tudo", "es": "todos todas todo", "ro": "toate toti tot"}
AND = {"en": "and", "pt": "e", "es": "y", "ro": "si"}
EDIT = {
    "en": "edit change",
    "pt": "editar edita mudar alterar",
    "es": "editar edita cambiar",
    "ro": "editeaza modifica schimba",
}
ASK = {"en": "question ask", "pt": "pergunta", "es": "pregunta", "ro": "intrebare"}
PENDING = {
    "en": "pending open approvals",
    "pt": "pendente pendentes pendencias",
    "es": "pendiente pendientes",
    "ro": "in_asteptare asteptare",
}
PHRASES = ("de acord", "mai tarziu", "in asteptare")  # several words that count as one here
YES_SIGNS = frozenset("👍✅👌🆗✔☑💯")
NO_SIGNS = frozenset("👎❌🚫⛔✖🛑")
# What phones add to an emoji: the skin colour, the variation selector.
EXTRAS = dict.fromkeys([*range(0x1F3FB, 0x1F400), 0xFE0F, 0xFE0E, 0x200D])


@cache
def answer_words(kind: str, language: str) -> frozenset[str]:
    """Return the words of a kind, such as YES, for a language."""
    table: dict[str, str] = globals()[kind]
    return frozenset(f"{table.get(language, '')} {table['en']}".split())


def emoji_meaning(text: str) -> str:
    """Return what an emoji means: YES, NO or ""."""
    sign = text.strip().translate(EXTRAS)
    if sign and set(sign) <= YES_SIGNS:
        return "YES"
    return "NO" if sign and set(sign) <= NO_SIGNS else ""
