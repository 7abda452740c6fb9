"""Sentences for customers, by language."""

NOBODY_CAME = {
    "en": "Nobody is free at the moment, I am sorry. I can go on helping you: what do you need?",
    "pt": "No momento ninguém está disponível, desculpe. Posso continuar ajudando: do que você precisa?",
    "es": "En este momento no hay nadie disponible, lo siento. Puedo seguir ayudándole: ¿qué necesita?",
    "ro": "Momentan nu este nimeni disponibil, ne pare rău. Vă pot ajuta în continuare: de ce aveți nevoie?",
}
