"""Questions about the assistant itself, as data in four languages."""

from __future__ import annotations

import re
from functools import cache

from assistant.matching.lexicon import LANGUAGES, is_filler
from common.text.plain import fold

MAX_WORDS = 14
# Kind of question -> phrases of each language, folded; between two bars stands one phrase.
QUESTIONS = {
    "who": {
        "en": """
            are you a bot|are you a robot|are you a machine|are you human|are you a human|are you real|
            are you an ai|are you ai|are you a person|are you a real person|are you chatgpt|are you a computer|
            is this a bot|is this a robot|is this an ai|is this a real person|is this an automatic answer|
            is this automatic|is this a machine|who are you|what are you|who is this|who am i talking to|
            who am i speaking to|who am i chatting with|am i talking to a robot|am i talking to a bot|
            am i talking to a human|am i talking to a real person|am i speaking to a robot|who is writing|
            who is answering|is a human reading this|is anybody there|are you automated|r u a bot|are u a bot
        """,
        "pt": """
            voce e um robo|voce e um bot|voce e robo|vc e um bot|vc e um robo|voce e humano|voce e humana|
            vc e humano|voce e uma maquina|voce e uma pessoa|voce e uma pessoa de verdade|
            vc e uma pessoa de verdade|vc e uma pessoa|voce e de verdade|voce e real|
            voce e uma inteligencia artificial|voce e o chatgpt|voce e uma ia|quem e voce|quem e vc|o que e voce|
            o que voce e|quem fala|quem esta falando|quem esta escrevendo|quem escreve|com quem eu falo|
            com quem falo|com quem estou falando|estou falando com um robo|to falando com um robo|
            falo com um robo|isso e um robo|isto e um robo|isso e uma resposta automatica|
            e uma resposta automatica|e um robo|tem um humano lendo isso|tem alguem lendo isso
        """,
        "es": """
            eres un bot|eres un robot|eres humano|eres humana|eres una maquina|eres una persona|
            eres una persona de verdad|eres una persona real|eres real|eres una inteligencia artificial|
            eres una ia|eres chatgpt|es usted un robot|es usted humano|es usted una persona|quien eres|
            quien es usted|que eres|quien habla|quien escribe|con quien hablo|con quien estoy hablando|
            estoy hablando con un robot|hablo con un robot|es esto un robot|es un robot|
            es una respuesta automatica|esto es automatico|hay un humano leyendo esto|hay alguien leyendo esto
        """,
        "ro": """
            esti un robot|esti robot|esti un bot|esti om|esti uman|esti o masina|esti o persoana|
            esti o persoana reala|esti real|esti o inteligenta artificiala|esti ai|esti chatgpt|sunteti un robot|
            sunteti om|sunteti o persoana|cine esti|cine sunteti|ce esti|cine e acolo|cine scrie|cine vorbeste|
            cine raspunde|cu cine vorbesc|vorbesc cu un robot|vorbesc cu un om|e un robot|este un robot|
            e un raspuns automat|este un raspuns automat|citeste un om asta
        """,
    },
    "name": {
        "en": """
            what is your name|whats your name|whats ur name|what s your name|your name|do you have a name|
            tell me your name|what are you called
        """,
        "pt": """
            qual e o seu nome|qual seu nome|qual o seu nome|qual e o teu nome|como voce se chama|
            como vc se chama|como se chama|tem um nome|tem nome|me diz seu nome|seu nome
        """,
        "es": """
            como te llamas|como se llama usted|cual es tu nombre|cual es su nombre|tienes nombre|
            tienes un nombre|dime tu nombre|tu nombre
        """,
        "ro": """
            cum te cheama|cum te numesti|cum va cheama|cum va numiti|care e numele tau|ai un nume|
            spune mi numele tau|numele tau
        """,
    },
    "time": {
        "en": """
            what time is it|what s the time|whats the time|tell me the time|do you know what time it is|
            do you have the time
        """,
        "pt": """
            que horas sao|que horas sao agora|me diz as horas|sabe que horas sao|que hora e
        """,
        "es": """
            que hora es|dime la hora|sabes que hora es|me dices la hora|me dice la hora
        """,
        "ro": """
            cat e ceasul|cat este ceasul|ce ora e|ce ora este|spune mi cat e ora|stii cat e ceasul|cat e ora
        """,
    },
    "day": {
        "en": """
            what day is it|what day is it today|what day is today|what s the date|whats the date|
            what is the date|what s today s date|what is today s date|todays date|what date is it
        """,
        "pt": """
            que dia e hoje|qual e a data de hoje|qual a data de hoje|que data e hoje|a quantos estamos
        """,
        "es": """
            que dia es hoy|que fecha es hoy|cual es la fecha de hoy|a cuantos estamos
        """,
        "ro": """
            ce zi e azi|ce zi este azi|ce data e azi|care e data de azi|in ce data suntem|ce data este azi
        """,
    },
    "phone": {
        "en": """
            what s your phone number|whats your phone number|what is your phone number|your phone number|
            your number|can i call you|what number can i call you on|which number can i phone|
            which number can i call|what number can i call|do you have a phone number|phone number
        """,
        "pt": """
            qual e o telefone de voces|qual o telefone de voces|qual o telefone|qual e o telefone|
            qual o numero de voces|qual e o numero de voces|posso ligar|para que numero posso ligar|
            em que numero posso ligar|tem telefone|numero de telefone
        """,
        "es": """
            cual es su numero de telefono|cual es el numero de telefono|su numero de telefono|numero de telefono|
            cual es su telefono|a que numero puedo llamar|a que telefono puedo llamar|puedo llamarlos|
            puedo llamar|tienen telefono
        """,
        "ro": """
            care e numarul vostru de telefon|care este numarul de telefon|numarul de telefon|numarul vostru|
            pot sa va sun|la ce numar pot suna|la ce telefon pot suna|aveti telefon|pot suna
        """,
    },
    "can": {
        "en": """
            what can you do|what do you do|how can you help|how can you help me|what do you know|what can i ask|
            what can i ask you
        """,
        "pt": """
            o que voce sabe fazer|o que voce faz|o que voce pode fazer|o que vc faz|como voce pode ajudar|
            o que posso perguntar
        """,
        "es": """
            que puedes hacer|que sabes hacer|que haces|que puede hacer|como puedes ayudarme|que puedo preguntar
        """,
        "ro": """
            ce poti face|ce stii sa faci|ce faci|cum ma poti ajuta|ce pot sa intreb|ce puteti face
        """,
    },
}


def question_about_assistant(text: str, language: str = "en") -> str:
    """Return which question about the assistant itself the line asks; "" for another one."""
    words = fold(text[:1000]).split()
    if not words or len(words) > MAX_WORDS:
        return ""
    plain = " ".join(words)
    for phrase, kind in _phrases():
        if f" {phrase} " in f" {plain} ":
            left = f" {plain} ".replace(f" {phrase} ", " ").split()
            # "What is your name for the blue bike?" asks something else.
            if all(is_filler(word) for word in left):
                return kind
    return ""


@cache
def _phrases() -> list[tuple[str, str]]:
    """Return the phrases, the longest first."""
    found = [
        (" ".join(phrase.split()), kind)
        for kind, by_language in QUESTIONS.items()
        for language in LANGUAGES
        for phrase in re.split(r"\|", by_language[language])
    ]
    return sorted(found, key=lambda pair: -len(pair[0]))
