"""Lines that must reach a person at once, in any wording, whoever answers otherwise."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import verbs as assistant
from assistant.matching.emergencies import is_emergency
from assistant.models import AssistantProfile, Handoff, KnowledgeEntry, Turn
from common.text import folded
from common.work import in_seconds
from messaging import verbs as messaging
from messaging.models import Conversation, MediaFile, Message
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind, Media, MessageChange
from messaging.verbs.changes import change_message

URGENT = "urgent: it reads like an emergency"


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
    assert is_emergency(folded(text))
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


def test_a_person_is_called_with_what_is_written_down_for_it(clinic, say, drain, outbox):
    KnowledgeEntry.objects.create(tenant=clinic, title="Emergencies", keywords="pain", content="Call +1 555 010 0100.")
    say("my tooth hurts a lot")

    drain()

    conversation = Conversation.objects.get()
    assert (conversation.is_paused, conversation.pause_reason) == (True, URGENT)
    assert len(outbox()) == 1
    assert outbox()[0].startswith("Call +1 555 010 0100.\n\nThis sounds urgent")
    assert [source["title"] for source in Turn.objects.get().sources] == ["Emergencies"]


def test_without_an_entry_the_sentence_alone_is_said_and_no_number_is_invented(say, drain, outbox):
    say("I'm bleeding help")

    drain()

    assert outbox()[0].startswith("This sounds urgent, so I have called a person")
    assert not any(character.isdigit() for character in outbox()[0])


def test_a_language_model_is_not_asked_first(openai, say, drain, outbox):
    say("I'm bleeding help")

    drain()

    assert openai.asked == []
    assert Conversation.objects.get().pause_reason == URGENT


def test_n8n_is_not_asked_first(workflow, say, drain):
    say("I'm bleeding help")

    drain()

    assert workflow.asked == []
    assert Conversation.objects.get().pause_reason == URGENT


def test_one_urgent_message_among_several_is_enough(say, drain):
    say("Hello, one question about my last visit with you")
    say("my gums won't stop bleeding")

    drain()

    assert Conversation.objects.get().pause_reason == URGENT


def test_one_that_comes_while_a_person_is_awaited_makes_it_urgent(say, drain):
    say("I want to talk to a person")
    drain()
    assert Conversation.objects.get().pause_reason == "the customer asked for a person"

    say("now my gums won't stop bleeding")
    drain()

    assert Conversation.objects.get().pause_reason == URGENT


def test_a_person_who_has_the_session_keeps_it(say, drain):
    conversation = say("hello").conversation
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR, actor="maria", reason="mine")
    say("my gums won't stop bleeding")
    drain()

    conversation.refresh_from_db()
    assert (conversation.paused_by, conversation.pause_reason) == (PausedBy.OPERATOR, "mine")


def test_a_business_may_switch_it_off(clinic, say, drain, outbox):
    AssistantProfile.objects.update_or_create(tenant=clinic, defaults={"watches_emergencies": False})
    say("I'm bleeding help")

    drain()

    assert not Conversation.objects.get().is_paused
    assert outbox()[0].startswith("I don't have that written down.")


def test_one_that_comes_while_a_workflow_thinks_is_not_kept_waiting(workflow, call_back, say, drain, outbox):
    workflow.script({"body": {"message": "Workflow got started"}})
    say("Hello there, my friend.")
    drain()
    say("my chest hurts")

    drain()

    assert Conversation.objects.get().pause_reason == URGENT
    assert outbox()[-1].startswith("This sounds urgent")
    assert call_back({"reply": "Too late."})[0] == 409
    assert len(workflow.asked) == 1


def test_one_after_the_workflows_deadline_is_seen(workflow, say, drain):
    workflow.script({"body": {"message": "Workflow got started"}})
    say("Hello there, my friend.")
    drain()
    message = say("we are two")
    drain()
    Message.objects.filter(pk=message.pk).update(text="my chest hurts")
    Handoff.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    Turn.objects.update(due_at=in_seconds(-1))

    drain()

    assert Conversation.objects.get().pause_reason == URGENT


@pytest.fixture
def awaited(say, drain):
    """A customer who waits for a person."""
    say("I want to talk to a person")
    drain()
    assert Conversation.objects.get().pause_reason == "the customer asked for a person"


def edit(channel, message, text="", **fields):
    change = MessageChange(
        external_id="change-1", channel=channel.external_id, target=message.external_id, text=text, **fields
    )
    change_message(channel=channel, change=change)


def test_an_edit_while_a_person_is_awaited_makes_it_urgent(awaited, channel, say, drain):
    message = say("one more thing")
    drain()

    edit(channel, message, "my chest hurts")

    assert Conversation.objects.get().pause_reason == URGENT


def test_what_was_taken_back_is_not_urgent(awaited, channel, say, drain):
    message = say("one more thing")
    drain()
    Message.objects.filter(pk=message.pk).update(text="my chest hurts")

    edit(channel, message, is_deleted=True)

    assert Conversation.objects.get().pause_reason == "the customer asked for a person"


@pytest.mark.parametrize(
    ("words", "reason"),
    [("my chest hurts and I cannot breathe", URGENT), ("it is about Friday", "the customer asked for a person")],
)
def test_a_voice_note_while_a_person_is_awaited(awaited, openai, say, drain, settings, tmp_path, words, reason):
    settings.MEDIA_ROOT = tmp_path
    message = say("", kind=Kind.VOICE, media=Media(mime_type="audio/ogg", reference="voice-1"))
    media = MediaFile.objects.get(message=message)
    media.file.save("1.ogg", ContentFile(b"OggS-voice"), save=False)
    MediaFile.objects.filter(pk=media.pk).update(file=media.file.name, state="done")
    openai.script({"body": {"text": words}})
    media.refresh_from_db()

    assistant.want_transcript(media=media)
    drain()

    assert MediaFile.objects.get().transcript == words
    assert Conversation.objects.get().pause_reason == reason


def test_a_person_who_has_the_session_is_not_overruled_by_an_edit(channel, say, drain):
    message = say("hello")
    messaging.pause(conversation=message.conversation, by=PausedBy.OPERATOR, actor="maria", reason="mine")
    drain()

    edit(channel, message, "my chest hurts")

    assert Conversation.objects.get().pause_reason == "mine"
