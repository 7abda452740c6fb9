"""Stop and start words, by language (data: a new key adds a language)."""

STOP = {
    "en": [
        "stop", "stop all", "stopall", "unsubscribe", "opt out", "end", "quit", "cancel messages", "stop messages",
        "please stop", "stop please", "no more messages", "stop messaging me", "stop sending me messages",
        "please stop sending me messages", "please stop messaging me",
    ],
    "pt": [
        "parar", "pare", "sair", "cancelar mensagens", "descadastrar", "nao quero mais mensagens",
        "nao me mande mais mensagens", "pare por favor",
    ],
    "es": [
        "parar", "baja", "cancelar mensajes", "no quiero mas mensajes", "darme de baja", "alto",
        "no me envien mas mensajes", "no me manden mas mensajes",
    ],
    "ro": ["stop", "dezabonare", "opreste", "opriti", "nu mai vreau mesaje", "nu imi mai trimiteti mesaje"],
}  # fmt: skip
START = {
    "en": ["start", "unstop", "subscribe", "opt in"],
    "pt": ["comecar", "voltar", "retomar", "iniciar"],
    "es": ["alta", "empezar", "reanudar", "iniciar"],
    "ro": ["start", "reia", "abonare", "incepe"],
}
