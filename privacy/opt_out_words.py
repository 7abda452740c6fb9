"""Stop and start words, by language, and the answers to them (data: a new key adds a language)."""

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
STOPPED = {
    "en": "You will receive no more automatic messages. Write START to change that.",
    "pt": "Você não receberá mais mensagens automáticas. Escreva COMEÇAR para voltar a receber.",
    "es": "No recibirá más mensajes automáticos. Escriba ALTA para volver a recibirlos.",
    "ro": "Nu veți mai primi mesaje automate. Scrieți START pentru a le primi din nou.",
}
STARTED = {
    "en": "Welcome back: you will receive messages again.",
    "pt": "Bem-vindo de volta: você receberá mensagens novamente.",
    "es": "Bienvenido de nuevo: volverá a recibir mensajes.",
    "ro": "Bine ați revenit: veți primi din nou mesaje.",
}
