"""Lines that must reach a person at once, in any wording, whoever answers otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.matching.emergencies import is_emergency
from common.text.plain import fold


@pytest.mark.parametrize(
    "text",
    [
        "my tooth hurts a lot", "I'm bleeding help", "severe tooth pain", "HELP!!", "it's an emergency",
        "my toth hurts alot",
        "my son knocked his tooth out", "my face is swollen", "I can't breathe",
        "my tooth hurts, will somebody help me",
        "meu dente dói muito", "tô sangrando socorro", "dor de dente insuportável", "socorro", "quebrei o dente e dói",
        "me duele mucho una muela", "me duele la muela", "estoy sangrando ayuda", "no aguanto el dolor",
        "se me cayó un diente",
        "mă doare tare o măsea", "mă doare o măsea", "sângerez, ajutor", "am fața umflată", "nu mai suport durerea",
    ],
)  # fmt: skip
def test_what_is_an_emergency(text):
    assert is_emergency(text)
    assert is_emergency(text.upper())
    assert is_emergency(f"Hi! {text}")


@pytest.mark.parametrize(
    "text",
    [
        "can you help me", "does a filling hurt a lot?", "how much is a filling", "it is not urgent",
        "no emergency, a question",
        "the chain of my bike is broken really badly", "clean my teeth and gums please", "I lost my umbrella",
        "não é urgente", "fazem clareamento dos dentes?", "vai doer muito?", "no es urgente", "va a doler mucho?",
        "nu e urgent", "o sa doara tare?", "quiero los dientes más blancos", "are you selling bikes",
        "cómo te llamas", "",
    ],
)  # fmt: skip
def test_what_is_none(text):
    assert not is_emergency(text)


GRAVE_LINES = """
I have chest pain
my chest hurts
my chets hurts
pain in my chest
my baby is not breathing
my baby isn't breathing
he has stopped breathing
he collapsed
my husband just collapsd
I want to kill myself
i want to kil myself
i want to die
I don't want to live anymore
I think she is having a stroke
my father had a stroke
I took too many pills
I took to many pills, too many pils
my son has swallowed a whole bottle of pills
overdose
she is having a seizure
he had a siezure
he is unconscious
he is unconcious
I cant breathe
I can't breath
she can't breathe
my child is choking
he is chokking
I think it's a heart attack
I'm having a hart attack
bleeding that does not stop
severe allergic reaction
alergic reaction, my throat is closing
my chest hurts and I cannot breathe
he won't wake up
I think he drank bleach
trouble breathing
dor no peito
estou com dor no peito
meu peito dói
meu bebê não respira
o bebê não está respirando
ele parou de respirar
ele desmaiou
quero me matar
quero morrer
não quero mais viver
acho que é um AVC
teve um derrame
tomei muitos comprimidos
tomei comprimidos demais
overdose
está tendo convulsões
ele está inconsciente
ele está inconciente
não consigo respirar
nao consigo respirrar
estou sufocando
ele engasgou
ataque cardíaco
acho que é um infarto
sangramento que não para
reação alérgica grave
reacao alergca
falta de ar
dor no peitto
me duele el pecho
dolor en el pecho
dolor de pecho
mi bebé no respira
dejó de respirar
se desplomó
se desmayó
me quiero morir
quiero morirme
quiero matarme
no quiero vivir
creo que es un ictus
derrame cerebral
tomé demasiadas pastillas
me tomé todas las pastillas
sobredosis
sobredoses
está convulsionando
está inconsciente
no puedo respirar
no puedo respirrar
se está atragantando
mi hijo se ahoga
ataque al corazón
infarto
un sangrado que no para
reacción alérgica grave
reaccion alergca
me duele el pehco
me falta el aire
mă doare pieptul
ma doare pieptul
durere în piept
ma doare pieptu
bebelușul nu respiră
copilul nu mai respira
s-a prăbușit
a leșinat
vreau să mor
vreau sa mor
vreau să mă omor
nu mai vreau să trăiesc
cred că e un AVC
accident vascular
am luat prea multe pastile
am luat prea multe pastle
supradoză
are convulsii
e inconștient
nu pot să respir
nu pot respira
mă sufoc
se sufocă
se îneacă
atac de cord
infarct
sângerare care nu se oprește
reacție alergică gravă
reactie alergca
și-a pierdut cunoștința
"""
HARMLESS_LINES = """
I'm dying to know when you open
I'm dying for a coffee, is there one nearby
do you teach brush strokes
which brush stroke do you use for the paint
that was a stroke of luck
do you fix two-stroke engines
a heart attack of a price
your prices almost gave me a heart attack
I have some time to kill before my visit
how do I kill time while I wait
I booked twice by accident
is there a strike today
does the pram collapse
can you paint the head tube
my heart is set on the red bike
do you sell chest straps
I'll be back in a month
could you hold my place, I don't want to lose it
breathing masks, do you sell them
I want to dye my hair
I want to diet, is sugar bad
the curiosity is killing me
how many pills are in a box
is the stretcher at chest height
estou morrendo de vontade de pedalar
estou morrendo de curiosidade
marquei duas vezes por acidente
tem bolsa de peito para bicicleta
fica perto do centro
vocês vendem comprimidos
preciso de ar nos pneus
quero matar o tempo enquanto espero
respirar fundo ajuda
tem no coração da cidade
me muero de ganas de ir
me muero por una bici nueva
de qué color es la bici
reservé dos veces por accidente
para matar el tiempo
venden pastillas de freno
cuántas pastillas trae la caja
suele abrir el sábado
está en el corazón de la ciudad
mor de curiozitate cat costa
mor de nerabdare sa vin
doar un cap de ghidon
aveti pastile de frana
vreau sa omor timpul
sunteti in inima orasului
cate pastile sunt in cutie
no chest pain, just a question
he is not unconscious
"""


@pytest.mark.parametrize("text", GRAVE_LINES.strip().splitlines())
def test_what_may_cost_a_life(text):
    assert is_emergency(text)
    assert is_emergency(fold(text))
    assert is_emergency(f"Hello! {text}, please")


@pytest.mark.parametrize("text", HARMLESS_LINES.strip().splitlines())
def test_what_only_sounds_like_it(text):
    assert not is_emergency(text)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([
        "I want to kill myself", "pain in my chest", "he stopped breathing", "she had a stroke", "too many pills",
        "me duele el pecho", "no puedo respirar", "sobredosis", "quero me matar", "dor no peito", "parou de respirar",
        "ma doare pieptul", "reactie alergica", "prea multe pastile",
    ]),
    st.data(),
)  # fmt: skip
def test_one_letter_doubled_changes_nothing(text, data):
    places = [place for place, letter in enumerate(text) if letter != " "]
    place = data.draw(st.sampled_from([place for place in places if len(_word_at(text, place)) > 4]))

    assert is_emergency(f"{text[:place]}{text[place]}{text[place:]}")


def _word_at(text, place):
    return text[: place + 1].split()[-1] + text[place + 1 :].partition(" ")[0]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["bleeding", "toothache", "emergency", "sangrando", "emergencia", "insoportable", "insuportavel"]),
    st.data(),
)
def test_one_letter_left_out_changes_nothing(word, data):
    place = data.draw(st.integers(min_value=1, max_value=len(word) - 1))

    assert is_emergency(f"please {word[:place]}{word[place + 1 :]}")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_is_read(text):
    assert is_emergency(text) in (True, False)
