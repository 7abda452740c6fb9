"""The sentences of the offline assistant, by language, as data; and how to recognise them again.

A key may have several wordings: the first one that was not used last is chosen, so that nothing is said twice in a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

DEFAULT = "en"
# Keys for nothing found: after two in a row a person is offered.
MISSES = frozenset({"unknown", "offer"})
# Keys that ask whether a person should answer: "yes" means so.
OFFERS = frozenset({"unknown", "offer", "same"})

SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "hello": (
            "Hello! How can I help you?",
            "Yes, I am here. What can I do for you?",
        ),
        "hand_over": ("Of course. I have passed this on: a person will answer you here as soon as they can.",),
        "urgent": (
            (
                "This sounds urgent, so I have called a person of our team into this chat. If somebody is in "
                "danger, please call the emergency number of your country now."
            ),
        ),
        "unknown": (
            'I don\'t have that written down. Would you like a person to answer? Just say "a person".',
            'I have nothing written down about that either. Say "a person", and somebody of our team will answer.',
        ),
        "offer": (
            "I am sorry, I don't have that either. Shall a person answer you?",
            "I still cannot answer this. Shall I ask a person to take over?",
        ),
        "same": (
            "That is all that I have written down about it. Shall a person answer you?",
            "I know no more than that. Shall I ask a person to take over?",
        ),
        "which": (
            "Do you mean “{first}” or “{second}”?",
            "I am not sure which you mean: “{first}” or “{second}”?",
        ),
        "rest": ("About the rest of your question I have nothing written down.",),
        "left": ("First your answer to that, please. I have not done this yet, so send it again then: {orders}",),
        "offline": ("(I am the offline assistant: I answer from what this business has written down.)",),
        "media": (
            "Thank you, I have received it. Please tell me in a few words what you need.",
            "I have received this one too. What do you need? A few words are enough.",
        ),
        "voice": (
            "I could not listen to your voice note. Please write it in a few words.",
            "I could not listen to this one either. Please write what you need.",
        ),
        "who": ("I am the automatic assistant of {business}, not a person. If you want one, just say “a person”.",),
        "name": ("I have no name of my own: I am the automatic assistant of {business}.",),
        "time": ("At {business} it is {time} now.",),
        "day": ("At {business} it is {day} today, {time}.",),
        "phone": ("You reach us right here in this chat. I have no other number written down.",),
        "can": (
            (
                "I answer from what {business} has written down, such as hours, prices and services, and call a "
                "person when you ask for one."
            ),
        ),
        "yes_person": ("Yes, a person",),
        "no_thanks": ("No, thank you",),
        "person": ("A person, please",),
    },
    "pt": {
        "hello": (
            "Olá! Como posso ajudar?",
            "Sim, estou aqui. Em que posso ajudar?",
        ),
        "hand_over": ("Claro. Já avisei: uma pessoa vai responder aqui assim que puder.",),
        "urgent": (
            (
                "Isso parece urgente, por isso chamei uma pessoa da equipe para esta conversa. Se alguém estiver "
                "em perigo, ligue agora para o número de emergência do seu país."
            ),
        ),
        "unknown": (
            'Não tenho isso anotado. Quer que uma pessoa responda? Diga "atendente".',
            'Também não tenho nada anotado sobre isso. Diga "atendente", e alguém da equipe responde.',
        ),
        "offer": (
            "Desculpe, isso eu também não tenho. Quer que uma pessoa responda?",
            "Ainda não consigo responder. Posso chamar uma pessoa?",
        ),
        "same": (
            "É tudo o que tenho anotado sobre isso. Quer que uma pessoa responda?",
            "Mais do que isso eu não sei. Posso chamar uma pessoa?",
        ),
        "which": (
            "Quer saber de “{first}” ou de “{second}”?",
            "Não tenho certeza: é “{first}” ou “{second}”?",
        ),
        "rest": ("Sobre o resto da sua pergunta não tenho nada anotado.",),
        "left": ("Primeiro a sua resposta a isso, por favor. Isto ainda não fiz, mande de novo depois: {orders}",),
        "offline": ("(Sou o assistente offline: respondo com o que este negócio deixou escrito.)",),
        "media": (
            "Obrigado, recebi. Diga em poucas palavras do que precisa.",
            "Recebi este também. Do que precisa? Bastam poucas palavras.",
        ),
        "voice": (
            "Não consegui ouvir seu áudio. Escreva em poucas palavras, por favor.",
            "Também não consegui ouvir este. Escreva do que precisa, por favor.",
        ),
        "who": ("Sou o assistente automático de {business}, não uma pessoa. Se quiser uma, diga “atendente”.",),
        "name": ("Não tenho nome próprio: sou o assistente automático de {business}.",),
        "time": ("Em {business} são {time} agora.",),
        "day": ("Em {business} hoje é {day}, {time}.",),
        "phone": ("Você fala conosco aqui mesmo, nesta conversa. Não tenho outro número anotado.",),
        "can": (
            (
                "Respondo com o que {business} deixou escrito, como horários, preços e serviços, e chamo uma "
                "pessoa quando você pedir."
            ),
        ),
        "yes_person": ("Sim, uma pessoa",),
        "no_thanks": ("Não, obrigado",),
        "person": ("Falar com atendente",),
    },
    "es": {
        "hello": (
            "¡Hola! ¿En qué puedo ayudarle?",
            "Sí, aquí estoy. ¿Qué necesita?",
        ),
        "hand_over": ("Por supuesto. Ya he avisado: una persona le responderá aquí en cuanto pueda.",),
        "urgent": (
            (
                "Esto parece urgente, así que he llamado a una persona del equipo a este chat. Si alguien está en"
                " peligro, llame ahora al número de emergencias de su país."
            ),
        ),
        "unknown": (
            'No lo tengo anotado. ¿Quiere que le responda una persona? Diga "una persona".',
            'Tampoco tengo nada anotado sobre eso. Diga "una persona", y alguien del equipo le responderá.',
        ),
        "offer": (
            "Lo siento, eso tampoco lo tengo. ¿Quiere que le responda una persona?",
            "Sigo sin poder responder. ¿Llamo a una persona?",
        ),
        "same": (
            "Es todo lo que tengo anotado sobre eso. ¿Quiere que le responda una persona?",
            "Más que eso no sé. ¿Llamo a una persona?",
        ),
        "which": (
            "¿Se refiere a “{first}” o a “{second}”?",
            "No estoy seguro: ¿“{first}” o “{second}”?",
        ),
        "rest": ("Sobre el resto de su pregunta no tengo nada anotado.",),
        "left": ("Primero su respuesta a eso, por favor. Esto aún no lo hice, envíelo de nuevo después: {orders}",),
        "offline": ("(Soy el asistente sin conexión: respondo con lo que este negocio dejó escrito.)",),
        "media": (
            "Gracias, lo he recibido. Dígame en pocas palabras qué necesita.",
            "Este también lo he recibido. ¿Qué necesita? Bastan pocas palabras.",
        ),
        "voice": (
            "No pude escuchar su nota de voz. Escríbala en pocas palabras, por favor.",
            "Esta tampoco la pude escuchar. Escriba qué necesita, por favor.",
        ),
        "who": ("Soy el asistente automático de {business}, no una persona. Si quiere una, diga “una persona”.",),
        "name": ("No tengo nombre propio: soy el asistente automático de {business}.",),
        "time": ("En {business} son las {time} ahora.",),
        "day": ("En {business} hoy es {day}, {time}.",),
        "phone": ("Puede hablarnos aquí mismo, en este chat. No tengo otro número anotado.",),
        "can": (
            (
                "Respondo con lo que {business} dejó escrito, como horarios, precios y servicios, y llamo a una "
                "persona cuando la pida."
            ),
        ),
        "yes_person": ("Sí, una persona",),
        "no_thanks": ("No, gracias",),
        "person": ("Una persona",),
    },
    "ro": {
        "hello": (
            "Bună! Cu ce vă pot ajuta?",
            "Da, sunt aici. Cu ce vă pot ajuta?",
        ),
        "hand_over": ("Desigur. Am transmis: o persoană vă va răspunde aici de îndată ce poate.",),
        "urgent": (
            (
                "Pare urgent, așa că am chemat o persoană din echipă în această conversație. Dacă cineva este în "
                "pericol, sunați acum la numărul de urgență din țara dumneavoastră."
            ),
        ),
        "unknown": (
            'Nu am notat acest lucru. Doriți să vă răspundă o persoană? Scrieți "o persoana".',
            'Nici despre asta nu am nimic notat. Scrieți "o persoana", și cineva din echipă vă va răspunde.',
        ),
        "offer": (
            "Îmi pare rău, nici asta nu am notat. Doriți să vă răspundă o persoană?",
            "Tot nu pot răspunde. Să chem o persoană?",
        ),
        "same": (
            "Este tot ce am notat despre asta. Doriți să vă răspundă o persoană?",
            "Mai mult de atât nu știu. Să chem o persoană?",
        ),
        "which": (
            "Vă referiți la „{first}” sau la „{second}”?",
            "Nu sunt sigur: „{first}” sau „{second}”?",
        ),
        "rest": ("Despre restul întrebării nu am nimic notat.",),
        "left": (
            "Mai întâi răspunsul la asta, vă rog. Aceasta nu am făcut-o încă, trimiteți-o din nou apoi: {orders}",
        ),
        "offline": ("(Sunt asistentul offline: răspund din ce a scris această firmă.)",),
        "media": (
            "Mulțumesc, am primit. Spuneți-mi în câteva cuvinte de ce aveți nevoie.",
            "Am primit și acesta. De ce aveți nevoie? Ajung câteva cuvinte.",
        ),
        "voice": (
            "Nu am putut asculta mesajul vocal. Vă rog să scrieți în câteva cuvinte.",
            "Nici pe acesta nu l-am putut asculta. Vă rog să scrieți de ce aveți nevoie.",
        ),
        "who": ("Sunt asistentul automat al {business}, nu o persoană. Dacă doriți una, scrieți „o persoana”.",),
        "name": ("Nu am nume propriu: sunt asistentul automat al {business}.",),
        "time": ("La {business} este ora {time}.",),
        "day": ("La {business} astăzi este {day}, {time}.",),
        "phone": ("Ne găsiți chiar aici, în această conversație. Nu am alt număr notat.",),
        "can": (
            (
                "Răspund din ce a scris {business}, cum ar fi programul, prețurile și serviciile, și chem o "
                "persoană când o cereți."
            ),
        ),
        "yes_person": ("Da, o persoană",),
        "no_thanks": ("Nu, mulțumesc",),
        "person": ("O persoană",),
    },
}


def sentence_for(
    key: str, language: str, *, said: Collection[str] = (), values: Mapping[str, str] | None = None
) -> str:
    """Return the sentence of a key in a language (English where there is none), worded differently from `said`."""
    texts = [text.format(**(values or {})) for text in SENTENCES.get(language, SENTENCES[DEFAULT])[key]]
    return next((text for text in texts if text not in said), texts[0])


def find_key(text: str) -> tuple[str, str]:
    """Return (key, language) of one of our own sentences; ("", "") for any other text."""
    if text in _keys():
        return _keys()[text]
    for start, key, language in _openings():
        if text.startswith(start):
            return key, language
    return "", ""


@cache
def _keys() -> dict[str, tuple[str, str]]:
    return {
        text: (key, language) for language, table in SENTENCES.items() for key, texts in table.items() for text in texts
    }


@cache
def _openings() -> list[tuple[str, str, str]]:
    """Return how sentences with inserted values begin, to recognise them."""
    return [
        (text.partition("{")[0], key, language)
        for language, table in SENTENCES.items()
        for key in ("which",)
        for text in table[key]
    ]
