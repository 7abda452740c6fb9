"""How dates and repetitions are put into words, by key and language (data: add a language by adding a column)."""

from __future__ import annotations

LANGUAGES = ("en", "pt", "es", "ro")

NAMES: dict[str, tuple[str, str, str, str]] = {
    "weekdays": (
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        "lunes martes miércoles jueves viernes sábado domingo",
        "luni marți miercuri joi vineri sâmbătă duminică",
    ),
    "months": (
        "January February March April May June July August September October November December",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    ),
}  # fmt: skip
_ROWS: dict[str, tuple[str, str, str, str]] = {
    "date": ("{d} {month}", "{d} de {month}", "{d} de {month}", "{d} {month}"),
    "today": ("today", "hoje", "hoy", "azi"),
    "tomorrow": ("tomorrow", "amanhã", "mañana", "mâine"),
    "zone": ("{city} time", "horário de {city}", "hora de {city}", "ora din {city}"),
    "HOURLY": ("every hour", "a cada hora", "cada hora", "în fiecare oră"),
    "DAILY": ("every day", "todos os dias", "todos los días", "în fiecare zi"),
    "WEEKLY": ("every week", "toda semana", "cada semana", "în fiecare săptămână"),
    "MONTHLY": ("every month", "todo mês", "cada mes", "în fiecare lună"),
    "YEARLY": ("every year", "todo ano", "cada año", "în fiecare an"),
    "HOURLY_N": ("every {n} hours", "a cada {n} horas", "cada {n} horas", "la fiecare {n} ore"),
    "DAILY_N": ("every {n} days", "a cada {n} dias", "cada {n} días", "la fiecare {n} zile"),
    "WEEKLY_N": ("every {n} weeks", "a cada {n} semanas", "cada {n} semanas", "la fiecare {n} săptămâni"),
    "MONTHLY_N": ("every {n} months", "a cada {n} meses", "cada {n} meses", "la fiecare {n} luni"),
    "YEARLY_N": ("every {n} years", "a cada {n} anos", "cada {n} años", "la fiecare {n} ani"),
    "workdays": ("Monday to Friday", "de segunda a sexta", "de lunes a viernes", "de luni până vineri"),
    "last_day": ("on the last day", "no último dia", "el último día", "în ultima zi"),
    "month_day": ("on day {n}", "no dia {n}", "el día {n}", "în ziua {n}"),
    "placed_last": ("the last {day}", "{day} (última do mês)", "último {day}", "ultima {day}"),
    "placed": ("{day} no. {n}", "{day} nº {n}", "{day} n.º {n}", "{day} nr. {n}"),
    "times": ("{n} times", "{n} vezes", "{n} veces", "de {n} ori"),
    "until": ("until {day}", "até {day}", "hasta el {day}", "până pe {day}"),
    "rare_day": (
        "on day {n}, in the months that have it",
        "no dia {n}, nos meses que o têm",
        "el día {n}, en los meses que lo tienen",
        "pe {n}, în lunile care au această zi",
    ),
}  # fmt: skip
PHRASES: dict[str, dict[str, str]] = {
    language: {key: row[column] for key, row in _ROWS.items()} for column, language in enumerate(LANGUAGES)
}
WEEKDAY_NAMES, MONTH_NAMES = (
    {language: row[column].split() for column, language in enumerate(LANGUAGES)}
    for row in (NAMES["weekdays"], NAMES["months"])
)
