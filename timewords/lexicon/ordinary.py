"""Ordinary words one letter away from a word for times: they are no misspellings (data: add to the list)."""

from __future__ import annotations

ORDINARY = frozenset({
    "abri", "abrio", "abrir", "abriu", "agosto", "amana", "amanda", "amanhece", "annual", "anual", "aranha",
    "auguste", "daily", "dairy", "daisy", "dates", "days", "diario", "diary", "domingos", "dominio", "dominios",
    "domino", "entero", "freezer", "fridge", "heroes", "hoja", "hojas", "honor", "honras", "hora", "horas", "horse",
    "hour", "hours", "houses", "juegos", "julho", "julio", "junho", "junio", "junto", "later", "lentes", "letter",
    "linea", "lines", "linie", "linii", "lumea", "lunas", "lunes", "lunga", "maini", "mainile", "manana", "mananas",
    "manual", "manzana", "marca", "marcio", "marco", "marcos", "marea", "marie", "maries", "marsa", "marsh",
    "marta", "marte", "martei", "martes", "martie", "martin", "martor", "marzo", "match", "matches", "mayor",
    "menor", "mensal", "menus", "mercado", "mercuri", "mesa", "mesas", "meses", "minte", "minuni", "minuta",
    "minute", "minutely", "minuto", "minutos", "misses", "monde", "money", "mothers", "moths", "mouth", "mouths",
    "mundo", "night", "nights", "oare", "parte", "quanta", "quantas", "quarto", "quartos", "quatro", "quintal",
    "quinto", "quintos", "quita", "sabida", "salado", "sarde", "search", "seguida", "seguidas", "segundo",
    "segundos", "semanal", "septembrie", "sesta", "setembro", "sextas", "sexto", "sundry", "tarde", "teach", "tears",
    "terca", "terco", "terra", "toddy", "turca", "turco", "vinuri", "watch", "weed", "weeds", "weeks", "year",
    "yearn",
})  # fmt: skip
