"""Recognise lines that must reach a person at once: signs of an emergency as data, in four languages.

"Bleeding" is a sign by itself, "hurts" only with a part of the body or with "a lot". Words are folded; `word*` is every
word that begins like this, `two_words` are words in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from assistant.matching.lexicon import Phrases, Spelling
from common.text.plain import fold

MAX_LENGTH = 1000
SHORTEST_PART = 4  # letters of a word that may have a wrong one inside a phrase
# Signs by themselves.
GRAVE = {
    "en": """
emergency emergencies urgent urgently bleeding bleeds bleed* blood ambulance unconscious faint* passed_out agony
unbearable excruciating toothache toothaches swollen swelling abscess killing_me on_fire fire burning choking
choked_on overdose overdosed overdosing suicid* heart_attack cardiac_arrest can_t_breathe cant_breathe cannot_breathe
can_not_breathe couldn_t_breathe unable_to_breathe not_breathing isn_t_breathing isnt_breathing no_longer_breathing
stopped_breathing doesn_t_breathe does_not_breathe barely_breathe barely_breathing trouble_breathing
difficulty_breathing hard_to_breathe struggling_to_breathe short_of_breath shortness_of_breath turning_blue no_pulse
can_t_stand_the can_t_take_this cant_take_this in_pain so_much_pain knocked_out accident dying poisoned poisoning
seizure seizures convulsion convulsions having_a_fit epileptic_fit stroke collapsed drowning hemorrhag* haemorrhag*
lost_consciousness won_t_wake_up wont_wake_up not_waking_up can_t_breath cant_breath cannot_breath a_stroke
chest_tightness tight_chest tightness_in_my_chest pressure_in_my_chest allergic_reaction anaphyla* throat_is_closing
throat_closing too_many_pills too_many_tablets too_many_painkillers too_much_medication bottle_of_pills all_my_pills
swallowed_bleach drank_bleach kill_myself killing_myself kil_myself kill_himself kill_herself want_to_die wanna_die
wish_i_was_dead wish_i_were_dead end_my_life ending_my_life take_my_own_life don_t_want_to_live dont_want_to_live
want_to_hurt_myself
""",
    "pt": """
emergencia emergencias urgente urgencia urgentemente sangrando sangr* sangue hemorrag* ambulancia desmai* socorro
insuportavel inchad* inchando inchaco abscesso fogo incendio queimando nao_aguento nao_suporto nao_consigo_respirar
nao_consegue_respirar nao_respira nao_esta_respirando nao_ta_respirando nao_esta_a_respirar parou_de_respirar
falta_de_ar sem_respirar dificuldade_para_respirar dificuldade_de_respirar mal_consigo_respirar acidente infarto
infartando enfarte ataque_cardiaco parada_cardiaca morrendo dor_de_dente tanta_dor muita_dor com_dor sufoc* asfixi*
engasg* afogando avc derrame_cerebral teve_um_derrame tendo_um_derrame convuls* ataque_epileptico crise_epileptica
inconsciente perdeu_a_consciencia perdeu_os_sentidos nao_acorda colapsou aperto_no_peito pressao_no_peito
reacao_alergica anafila* overdose comprimidos_demais remedios_demais tomei_muitos_comprimidos tomou_muitos_comprimidos
tomei_muitos_remedios tomou_muitos_remedios todos_os_comprimidos envenenad* envenenei intoxicad* suicid*
quero_me_matar quero_matar_me vou_me_matar me_matar quero_morrer queria_morrer acabar_com_a_minha_vida nao_quero_viver
nao_quero_mais_viver desmaiou desmaiei desmaiar sufocando sufocado engasgou engasgado engasgada convulsao convulsoes
convulsionando sangrar sangramento asfixia nao_consigo_respira parou_de_respira
""",
    "es": """
emergencia emergencias urgente urgencia urgentemente sangrando sangr* hemorrag* ambulancia desmay* socorro auxilio
insoportable hinchad* hincha hinchando absceso fuego incendio en_llamas quemando se_quema no_aguanto no_soporto
no_puedo_respirar no_puede_respirar no_respira no_esta_respirando dejo_de_respirar paro_de_respirar le_cuesta_respirar
me_cuesta_respirar dificultad_para_respirar me_falta_el_aire falta_de_aire sin_respirar accidente infarto
ataque_al_corazon ataque_cardiaco paro_cardiaco ictus derrame_cerebral apoplejia me_muero se_muere muriendo
dolor_de_muela dolor_de_muelas tanto_dolor mucho_dolor ahogando me_ahogo se_ahoga atragant* asfixi* convuls*
ataque_epileptico inconsciente perdio_el_conocimiento perdio_la_conciencia no_despierta se_desplomo desplomado
desplomada presion_en_el_pecho opresion_en_el_pecho reaccion_alergica anafila* sobredosis demasiadas_pastillas
tome_muchas_pastillas tomo_muchas_pastillas tomado_muchas_pastillas todas_las_pastillas demasiados_medicamentos
envenenad* envenene intoxicad* suicid* me_quiero_morir quiero_morir quiero_morirme me_quiero_matar quiero_matarme
matarme quitarme_la_vida no_quiero_vivir no_quiero_seguir_viviendo desmayo desmayado desmayada sangrado sangrar
atraganto atragantando convulsion convulsiones convulsionando asfixia no_puedo_respira dejo_de_respira
""",
    "ro": """
urgenta urgente urgent sangereaza sangerez sanger* sange sangele hemorag* ambulanta lesin* insuportabil* umflat* umfla
abces foc focul incendiu arde nu_mai_suport nu_mai_rezist nu_pot_respira nu_mai_pot_respira nu_poate_respira
nu_mai_poate_respira nu_pot_sa_respir nu_poate_sa_respire nu_respira nu_mai_respira respir_greu respira_greu
incetat_sa_respire accident accidentat infarct atac_de_cord atac_de_inima atac_cardiac stop_cardiac avc atac_cerebral
mor_de durere_de_masea durere_de_dinti sufoc* asfixi* se_ineaca s_a_inecat ma_inec convuls* criza_epileptica
criza_de_epilepsie inconstient* pierdut_cunostinta nu_se_trezeste nu_isi_revine prabusit presiune_in_piept
reactie_alergica anafila* soc_anafilactic supradoza prea_multe_pastile luat_multe_pastile toate_pastilele
prea_multe_medicamente otravit* intoxicat* sinucid* vreau_sa_mor as_vrea_sa_mor vreau_sa_ma_omor sa_ma_omor
nu_mai_vreau_sa_traiesc lesinat sangerare inconstient inconstienta convulsii convulsie sufoca otravit intoxicat
nu_pot_respir nu_respir
""",
}
# Harmless phrases with a grave word.
HARMLESS = {
    "en": """
dying_to dying_for dying_of_curiosity dying_of_laughter dying_laughing dying_of_boredom by_accident fire_extinguisher
brush_stroke pen_stroke stroke_width stroke_of_luck stroke_of_genius a_stroke_of_luck a_stroke_of_genius of_a_stroke
2_stroke 4_stroke two_stroke four_stroke breast_stroke back_stroke key_stroke at_a_stroke heart_attack_of_a
gave_me_a_heart_attack price_is_killing_me prices_are_killing_me curiosity_is_killing_me suspense_is_killing_me
waiting_is_killing_me wait_is_killing_me wheel_collapsed frame_collapsed saddle_collapsed seat_collapsed
shelf_collapsed tent_collapsed
""",
    "pt": """
morrendo_de_vontade morrendo_de_curiosidade morrendo_de_fome morrendo_de_rir morrendo_de_sono morrendo_de_saudade
por_acidente
""",
    "es": """
me_muero_de_ganas me_muero_por me_muero_de_curiosidad me_muero_de_hambre me_muero_de_risa se_muere_de_ganas
se_muere_por muriendo_de_ganas por_accidente
""",
    "ro": "mor_de_curiozitate mor_de_foame mor_de_nerabdare mor_de_ras mor_de_dor vreau_sa_mor_de_ras",
}
# Pain counts with a part of the body, a harm or its strength; a harm counts with a part of the body.
PAIN = {
    "en": "hurt hurts hurting ache aches aching pain pains painful infection infected",
    "pt": "dor dores doi doendo doer machuc* infeccao infeccionado",
    "es": "dolor dolores duele duelen doliendo dano infeccion infectado",
    "ro": "doare dor durere dureri durerea ranit infectie infectat",
}
BODY = {
    "en": """
tooth teeth toth gum gums jaw face mouth throat head leg arm eye wisdom_tooth chest heart stomach belly abdomen neck
ribs lung lungs legs arms eyes tongue
""",
    "pt": """
dente dentes siso gengiva rosto cara boca garganta bochecha mandibula cabeca perna braco olho peito coracao estomago
barriga abdomen pescoco costelas pulmao lingua
""",
    "es": """
muela muelas diente dientes encia cara boca garganta mejilla mandibula cabeza pierna brazo ojo juicio pecho corazon
estomago barriga vientre abdomen cuello costillas pulmon lengua
""",
    "ro": """
masea maseaua dinte dintele dinti gingia gingie fata gura gat gatul obrazul maxilarul cap capul picior mana ochi piept
pieptul pieptului inima stomac stomacul burta abdomenul coaste limba
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
ajutor ajuta ajutati ajutati_ma tare rau groaznic groaznica ingrozitor cumplit cumplita puternic puternica mari foarte
""",
}
# A question about future pain does not count: "does a filling hurt?"
ASKED = {
    "en": "does_it_hurt does_a does_an does_the will_it_hurt would_it_hurt is_it_painful make_the_teeth_hurt",
    "pt": "vai_doer doi_fazer doi_colocar",
    "es": "va_a_doler duele_hacer duele_poner duele_ponerse",
    "ro": "o_sa_doara va_durea doare_sa",
}
# Ordinary words that are one letter away from a sign.
NOT_MEANT = frozenset(
    """
selling telling dwelling brooks strokes stroked strike strobe strode strove stroll stoke collapse collapses paint
paints pairs month heard hearts doar perto resto duelo threat
""".split()  # noqa: SIM905 - reads as text
)
DENIED = frozenset({"not", "no", "nao", "nu", "isn", "isnt", "sin", "sem", "fara"})
BETWEEN = frozenset(
    "a an is it t um uma e o un una es este the any nenhuma ninguna nicio".split()  # noqa: SIM905 - reads as text
)
CRIES = frozenset({"help", "ajuda", "ajudem", "socorro", "ayuda", "auxilio", "ajutor"})
AROUND_CRIES = frozenset(
    {"hi", "hello", "oi", "ola", "hola", "buna", "please", "por", "favor", "va", "rog", "me", "mi", "ma"}
)


def is_emergency(text: str) -> bool:
    """Return whether a line reads like an emergency in any of the four languages; the first 1,000 characters count."""
    words = fold(text[:MAX_LENGTH]).split()
    if not words:
        return False
    if set(words) & CRIES and set(words) <= CRIES | AROUND_CRIES:
        return True
    is_asked = any(_asked(language).at(words, place)[1] for language in ASKED for place in range(len(words)))
    return any(
        _is_grave(_seen(line, language, is_asked=is_asked))
        for language in GRAVE
        for line in (words, _corrected(words, language))
    )


def _is_grave(seen: Sequence[str]) -> bool:
    signs = set(seen)
    if "grave" in signs or {"harm", "body"} <= signs:
        return True
    return "pain" in signs and (bool(signs & {"body", "harm", "strong"}) or seen.count("pain") > 1)


def _seen(words: Sequence[str], language: str, *, is_asked: bool) -> list[str]:
    """Return the signs in a line, one for each different word; pain that is only asked about is left out."""
    signs, found, place = _signs(language), [], 0
    while place < len(words):
        name, length = signs.at(words, place)
        if not name:
            meant = "" if words[place] in NOT_MEANT else _spelling(language).correct(words[place])
            name = signs.of(meant) if meant else ""
        counts = bool(name) and not (is_asked and name == "pain")
        # In Portuguese "no" before a part of the body means "in the".
        is_denied = _is_denied(words, place, may_be_in_the=(language, name) == ("pt", "body"))
        if counts and not is_denied and words[place] not in words[:place]:
            found.append(name)
        place += max(length, 1)
    return found


def _is_denied(words: Sequence[str], place: int, *, may_be_in_the: bool) -> bool:
    """Return whether a sign is denied; one that begins with its own "not" ("not breathing") is not."""
    if words[place] in DENIED:
        return False
    before = place - 1
    while before >= 0 and words[before] in BETWEEN:
        before -= 1
    if before < 0 or (may_be_in_the and words[before] == "no"):
        return False
    return words[before] in DENIED


def _corrected(words: Sequence[str], language: str) -> list[str]:
    """Return the words, with those one letter away from a word of a phrase, of pain or of the body corrected."""
    known = _parts(language)
    return [
        word
        if word in known or word in NOT_MEANT or len(word) < SHORTEST_PART
        else next((known_as for known_as in _near(language).get(word[:1], ()) if _is_one_off(word, known_as)), word)
        for word in words
    ]


def _is_one_off(word: str, known: str) -> bool:
    """Return whether one letter is missing, too many or wrong, or two are exchanged."""
    if abs(len(word) - len(known)) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    rest, other = word[same:], known[same:]
    if len(word) > len(known):
        return rest[1:] == other
    if len(word) < len(known):
        return rest == other[1:]
    if len(known) == SHORTEST_PART:
        return rest[:2] == other[1::-1] and rest[2:] == other[2:]  # in short words another letter makes another word
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])


@cache
def _parts(language: str) -> frozenset[str]:
    """Return the words that `_corrected` knows; single grave words have stricter rules."""
    phrases = [phrase for phrase in GRAVE[language].split() if "_" in phrase]
    listed = " ".join([*phrases, PAIN[language], BODY[language]]).replace("_", " ").split()
    return frozenset(word for word in listed if len(word) >= SHORTEST_PART and "*" not in word)


@cache
def _near(language: str) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for word in sorted(_parts(language)):
        found.setdefault(word[:1], []).append(word)
    return found


@cache
def _signs(language: str) -> Phrases:
    tables: Mapping[str, Mapping[str, str]] = {
        "grave": GRAVE,
        "pain": PAIN,
        "body": BODY,
        "harm": HARM,
        "strong": STRONG,
    }
    # What is harmless in one language is so in the others, which may share the grave word.
    lines = [("harmless", phrase) for table in HARMLESS.values() for phrase in table.split()]
    return Phrases([*lines, *((name, word) for name, table in tables.items() for word in table[language].split())])


@cache
def _asked(language: str) -> Phrases:
    return Phrases(("asked", phrase) for phrase in ASKED[language].split())


@cache
def _spelling(language: str) -> Spelling:
    return Spelling(word for word in _signs(language).exact if " " not in word)
