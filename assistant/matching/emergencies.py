"""Lines that must reach a person at once, as data: signs of an emergency in four languages.

"Bleeding" is one by itself, "hurts" only with a part of the body or with "a lot". Words are folded; `word*` is every
word that begins so, `two_words` are words in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from assistant.matching.lexicon import Phrases, Spelling
from common.text import folded

MAX_LENGTH = 1000
# Alone they are an emergency.
GRAVE = {
    "en": """
emergency emergencies urgent urgently bleeding bleeds bleed* blood ambulance unconscious faint* passed_out agony
unbearable excruciating toothache toothaches swollen swelling abscess killing_me on_fire fire burning choking
overdose suicide heart_attack can_t_breathe cant_breathe cannot_breathe can_t_stand_the can_t_take_this
cant_take_this in_pain so_much_pain knocked_out accident dying poisoned seizure
""",
    "pt": """
emergencia emergencias urgente urgencia urgentemente sangrando sangr* sangue ambulancia desmai* socorro insuportavel
inchad* inchando inchaco abscesso fogo incendio queimando nao_aguento nao_suporto nao_consigo_respirar acidente
infarto morrendo dor_de_dente tanta_dor muita_dor com_dor sufocando
""",
    "es": """
emergencia emergencias urgente urgencia urgentemente sangrando sangr* ambulancia desmay* socorro auxilio
insoportable hinchad* hincha hinchando absceso fuego incendio en_llamas quemando se_quema no_aguanto no_soporto
no_puedo_respirar accidente infarto me_muero dolor_de_muela dolor_de_muelas tanto_dolor mucho_dolor ahogando
""",
    "ro": """
urgenta urgente urgent sangereaza sangerez sanger* sange sangele ambulanta lesin* insuportabil* umflat* umfla abces
foc focul incendiu arde nu_mai_suport nu_mai_rezist nu_pot_respira accident accidentat infarct mor_de
durere_de_masea durere_de_dinti ma_sufoc
""",
}
# Pain is one together with a part of the body, a harm or how strong it is; a harm together with a part of the body.
PAIN = {
    "en": "hurt hurts hurting ache aches aching pain pains painful infection infected",
    "pt": "dor dores doi doendo doer machuc* infeccao infeccionado",
    "es": "dolor dolores duele duelen doliendo dano infeccion infectado",
    "ro": "doare dor durere dureri durerea ranit infectie infectat",
}
BODY = {
    "en": "tooth teeth toth gum gums jaw face mouth throat head leg arm eye wisdom_tooth",
    "pt": "dente dentes siso gengiva rosto cara boca garganta bochecha mandibula cabeca perna braco olho",
    "es": "muela muelas diente dientes encia cara boca garganta mejilla mandibula cabeza pierna brazo ojo juicio",
    "ro": """
masea maseaua dinte dintele dinti gingia gingie fata gura gat gatul obrazul maxilarul cap capul picior mana ochi
""",
}
HARM = {
    "en": "broke broken fell knocked lost cracked fever smoke",
    "pt": "quebr* caiu cai perdeu perdi bati febre fumaca",
    "es": "rompi rompio roto cayo cai perdio salto golpe golpee fiebre humo",
    "ro": "rupt spart cazut sarit pierdut lovit lovitura febra fum",
}
STRONG = {
    "en": """
help severe terrible terribly horrible awful strong badly bad alot a_lot very_much so_much really can_t_sleep
cant_sleep right_now
""",
    "pt": "ajuda ajudem me_ajuda forte fortes horrivel terrivel muito mto demais bastante",
    "es": "ayuda ayudeme ayudenme fuerte fuertes horrible terrible mucho muchisimo bastante",
    "ro": """
ajutor ajuta ajutati ajutati_ma tare rau groaznic groaznica ingrozitor cumplit cumplita puternic puternica mari
foarte
""",
}
# A question about pain to come is none: "does a filling hurt?"
ASKED = {
    "en": "does_it_hurt does_a does_an does_the will_it_hurt would_it_hurt is_it_painful make_the_teeth_hurt",
    "pt": "vai_doer doi_fazer doi_colocar",
    "es": "va_a_doler duele_hacer duele_poner duele_ponerse",
    "ro": "o_sa_doara va_durea doare_sa",
}
NOT_MEANT = frozenset({"selling", "telling", "dwelling", "brooks"})  # words of their own, one letter off
DENIED = frozenset({"not", "no", "nao", "nu", "isn", "isnt", "sin", "sem", "fara"})
BETWEEN = frozenset(
    "a an is it um uma e o un una es este the any nenhuma ninguna nicio".split()  # noqa: SIM905 - reads as text
)
CRIES = frozenset({"help", "ajuda", "ajudem", "socorro", "ayuda", "auxilio", "ajutor"})
AROUND_CRIES = frozenset(
    {"hi", "hello", "oi", "ola", "hola", "buna", "please", "por", "favor", "va", "rog", "me", "mi", "ma"}
)


def is_emergency(text: str) -> bool:
    """Whether a line reads like an emergency, in any of the four languages; the first 1,000 characters count."""
    words = folded(text[:MAX_LENGTH]).split()
    if not words:
        return False
    if set(words) & CRIES and set(words) <= CRIES | AROUND_CRIES:
        return True
    return any(_is_grave(_seen(words, language)) for language in GRAVE)


def _is_grave(seen: Sequence[str]) -> bool:
    signs = set(seen)
    if "grave" in signs or {"harm", "body"} <= signs:
        return True
    return "pain" in signs and (bool(signs & {"body", "harm", "strong"}) or seen.count("pain") > 1)


def _seen(words: Sequence[str], language: str) -> list[str]:
    """The signs in a line, one for each different word."""
    is_asked = any(_asked(language).at(words, place)[1] for place in range(len(words)))
    signs, found, place = _signs(language), [], 0
    while place < len(words):
        name, length = signs.at(words, place)
        if not name:
            meant = "" if words[place] in NOT_MEANT else _spelling(language).meant(words[place])
            name = signs.of(meant) if meant else ""
        counts = bool(name) and not (is_asked and name == "pain")
        if counts and not _is_denied(words, place) and words[place] not in words[:place]:
            found.append(name)
        place += max(length, 1)
    return found


def _is_denied(words: Sequence[str], place: int) -> bool:
    before = place - 1
    while before >= 0 and words[before] in BETWEEN:
        before -= 1
    return before >= 0 and words[before] in DENIED


@cache
def _signs(language: str) -> Phrases:
    tables: Mapping[str, Mapping[str, str]] = {
        "grave": GRAVE, "pain": PAIN, "body": BODY, "harm": HARM, "strong": STRONG,
    }  # fmt: skip
    return Phrases((name, word) for name, table in tables.items() for word in table[language].split())


@cache
def _asked(language: str) -> Phrases:
    return Phrases(("asked", phrase) for phrase in ASKED[language].split())


@cache
def _spelling(language: str) -> Spelling:
    return Spelling(word for word in _signs(language).exact if " " not in word)
