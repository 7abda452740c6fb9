"""Phrases that make a time doubtful in any of our languages, folded (data: add to a list)."""

from __future__ import annotations

# The time before them is withdrawn: "at 9, no wait, 10".
_CORRECTIONS = (
    "sorry|wait|no wait|hang on|hold on|i mean|i meant|actually|rather|or rather|better|make it|make that|scratch that|correction|oops|"
    "whoops|my bad|nope|nah|pardon|my mistake|digo|quer dizer|quero dizer|ou melhor|melhor|alias|na verdade|desculpa|desculpe|corrigindo|"
    "correcao|opa|espera|perai|mejor|mejor dicho|o mejor|o sea|quiero decir|quise decir|en realidad|perdon|perdona|disculpa|"
    "corrijo|correccion|de fapt|adica|ba nu|mai bine|mai degraba|vreau sa zic|vreau sa spun|voiam sa zic|scuze|scuza ma|stai|"
    "corectez|corectie|de hecho|errata|engano|me equivoque|me enganei|~am gresit|gresit"
)
# An hour without a number.
_ENDS_OF_A_DAY = (
    "eod|e o d|cob|c o b|eob|end of day|end of the day|end of business|close of business|close of play|end of play|day s end|fim do dia|"
    "fim de dia|final do dia|fim do expediente|final do expediente|fin del dia|fin de dia|final del dia|finales del dia|"
    "cierre del dia|sfarsitul zilei|sfarsit de zi|sfarsitul programului|finalul zilei|capatul zilei|"
    "eow|end of week|end of the week|eom|end of month|end of the month"
)
Phrases = frozenset[tuple[str, ...]]


def _phrases(said: str) -> Phrases:
    return frozenset(tuple(phrase.split()) for phrase in said.split("|"))


CORRECTIONS, ENDS_OF_A_DAY = _phrases(_CORRECTIONS), _phrases(_ENDS_OF_A_DAY)
# Nouns with a number of their own: "at 9 room 12".
NUMBERED = frozenset({
    "room", "table", "gate", "seat", "floor", "unit", "apt", "apartment", "number", "no", "nr", "bus", "line", "suite", "door", "ticket",
    "order", "invoice", "bed", "lane", "office", "desk", "box", "sala", "mesa", "portao", "quarto", "apto", "apartamento", "loja", "pedido",
    "fatura", "numero", "linha", "andar", "habitacion", "puerta", "factura", "linea", "piso", "oficina", "camera", "masa", "poarta",
    "apartament", "ap", "comanda", "biroul", "birou", "numarul", "numar", "etaj", "etajul", "linia",
})  # fmt: skip
