"""Our sentences about reminders, by key and language (data: add a language by adding a column)."""

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
    "created": (
        "I will remind you: {text}\nWhen: {when}{often}.\nIf your time zone is another, just tell me your city.",
        "Vou lembrar você: {text}\nQuando: {when}{often}.\nSe o seu fuso for outro, diga a sua cidade.",
        "Se lo recordaré: {text}\nCuándo: {when}{often}.\nSi su zona horaria es otra, dígame su ciudad.",
        "Vă voi aminti: {text}\nCând: {when}{often}.\nDacă fusul orar este altul, spuneți-mi orașul.",
    ),
    "due": ("⏰ {text}", "⏰ {text}", "⏰ {text}", "⏰ {text}"),
    "late": (
        "⏰ {text}\n(Late: it was due {when}.)",
        "⏰ {text}\n(Atrasado: era para {when}.)",
        "⏰ {text}\n(Con retraso: era para {when}.)",
        "⏰ {text}\n(Cu întârziere: era pentru {when}.)",
    ),
    "done_button": ("Done", "Feito", "Hecho", "Gata"),
    "later_button": ("In 10 minutes", "Em 10 minutos", "En 10 minutos", "Peste 10 minute"),
    "stop_button": ("Stop it", "Parar", "Parar", "Oprește"),
    "done": ("Done: {text}", "Feito: {text}", "Hecho: {text}", "Gata: {text}"),
    "snoozed": (
        "I will remind you again {when}: {text}",
        "Vou lembrar de novo {when}: {text}",
        "Se lo recordaré otra vez {when}: {text}",
        "Vă amintesc din nou {when}: {text}",
    ),
    "moved": (
        "Moved to {when}: {text}",
        "Mudei para {when}: {text}",
        "Cambiado a {when}: {text}",
        "Mutat la {when}: {text}",
    ),
    "stopped": (
        "I will not remind you of this any more: {text}",
        "Não vou mais lembrar disso: {text}",
        "Ya no se lo recordaré: {text}",
        "Nu vă mai amintesc: {text}",
    ),
    "nothing_open": (
        "There is no reminder to answer.",
        "Não há lembrete para responder.",
        "No hay ningún recordatorio que responder.",
        "Nu este niciun memento de răspuns.",
    ),
    "zone_set": (
        "Your time zone is now {zone}.",
        "O seu fuso agora é {zone}.",
        "Su zona horaria es ahora {zone}.",
        "Fusul orar este acum {zone}.",
    ),
    "next": (
        "Next: {when}: {text}",
        "Próximo: {when}: {text}",
        "Siguiente: {when}: {text}",
        "Următorul: {when}: {text}",
    ),
    "zone_same": (
        "Your time zone is {zone}.",
        "O seu fuso é {zone}.",
        "Su zona horaria es {zone}.",
        "Fusul orar este {zone}.",
    ),
    "changed": (
        "Changed: {text}\nWhen: {when}{often}.",
        "Alterado: {text}\nQuando: {when}{often}.",
        "Cambiado: {text}\nCuándo: {when}{often}.",
        "Schimbat: {text}\nCând: {when}{often}.",
    ),
    "cancelled": ("Cancelled: {text}", "Cancelado: {text}", "Cancelado: {text}", "Anulat: {text}"),
    "list": ("Your reminders:", "Seus lembretes:", "Sus recordatorios:", "Mementourile dumneavoastră:"),
    "none": ("You have no reminders.", "Você não tem lembretes.", "No tiene recordatorios.", "Nu aveți mementouri."),
    "paused": ("paused", "pausado", "en pausa", "în pauză"),
    "which": (
        "Which one? Say its number or some of its words.",
        "Qual deles? Diga o número ou algumas palavras.",
        "¿Cuál? Diga su número o algunas de sus palabras.",
        "Care? Spuneți numărul sau câteva cuvinte din el.",
    ),
    "not_found": (
        "I find no such reminder.",
        "Não encontro esse lembrete.",
        "No encuentro ese recordatorio.",
        "Nu găsesc acest memento.",
    ),
    "ask_when": (
        "When should I remind you? For example: tomorrow at 9, or every Tuesday at 15:30.",
        "Quando devo lembrar? Por exemplo: amanhã às 9h, ou toda terça às 15h30.",
        "¿Cuándo se lo recuerdo? Por ejemplo: mañana a las 9, o cada martes a las 15:30.",
        "Când să vă amintesc? De exemplu: mâine la 9, sau în fiecare marți la 15:30.",
    ),
    "ask_text": (
        "What should I remind you of?",
        "Do que devo lembrar você?",
        "¿Qué le recuerdo?",
        "Ce să vă amintesc?",
    ),
    "ask_differs": (
        "Did you mean {said}? Choose, or say the time once more, for example: tomorrow at 9.",
        "Você quis dizer {said}? Escolha, ou diga a hora mais uma vez, por exemplo: amanhã às 9h.",
        "¿Quiso decir {said}? Elija, o diga la hora otra vez, por ejemplo: mañana a las 9.",
        "Ați vrut să spuneți {said}? Alegeți, sau spuneți ora încă o dată, de exemplu: mâine la 9.",
    ),
    "or": ("or", "ou", "o", "sau"),
    "yours": (
        "{there}, which is {here}",
        "{there}, que são {here}",
        "{there}, que son {here}",
        "{there}, adică {here}",
    ),
    "ask_all": (
        "Cancel all {n} reminders?\n{lines}",
        "Cancelar todos os {n} lembretes?\n{lines}",
        "¿Cancelar los {n} recordatorios?\n{lines}",
        "Anulez toate cele {n} mementouri?\n{lines}",
    ),
    "yes_all": ("Yes, all of them", "Sim, todos", "Sí, todos", "Da, toate"),
    "no_all": ("No, keep them", "Não, manter", "No, dejarlos", "Nu, păstrează-le"),
    "all_cancelled": (
        "All {n} reminders are cancelled.",
        "Todos os {n} lembretes foram cancelados.",
        "Los {n} recordatorios quedan cancelados.",
        "Toate cele {n} mementouri sunt anulate.",
    ),
    "all_kept": (
        "All right, nothing is changed.",
        "Tudo bem, nada muda.",
        "De acuerdo, nada cambia.",
        "Bine, nu se schimbă nimic.",
    ),
    "past": (
        "That time is over. When should I remind you?",
        "Essa hora já passou. Quando devo lembrar?",
        "Esa hora ya pasó. ¿Cuándo se lo recuerdo?",
        "Ora aceea a trecut. Când să vă amintesc?",
    ),
    "too_many": (
        "You have too many reminders: cancel one first.",
        "Você tem lembretes demais: cancele um primeiro.",
        "Tiene demasiados recordatorios: cancele uno primero.",
        "Aveți prea multe mementouri: anulați unul mai întâi.",
    ),
    "task_made": ("Noted: {text}{due}", "Anotado: {text}{due}", "Anotado: {text}{due}", "Notat: {text}{due}"),
    "task_due": (" (due {when})", " (até {when})", " (para {when})", " (până {when})"),
    "tasks": ("Your tasks:", "Suas tarefas:", "Sus tareas:", "Sarcinile dumneavoastră:"),
    "no_tasks": (
        "You have no open tasks.",
        "Você não tem tarefas abertas.",
        "No tiene tareas abiertas.",
        "Nu aveți sarcini deschise.",
    ),
    "task_done": ("Done: {text}", "Feito: {text}", "Hecho: {text}", "Gata: {text}"),
    "no_task": (
        "I find no such task.",
        "Não encontro essa tarefa.",
        "No encuentro esa tarea.",
        "Nu găsesc această sarcină.",
    ),
    "opted_out": (
        "You receive no automatic messages: write START first.",
        "Você não recebe mensagens automáticas: escreva COMEÇAR primeiro.",
        "No recibe mensajes automáticos: escriba ALTA primero.",
        "Nu primiți mesaje automate: scrieți START mai întâi.",
    ),
    "not_possible": (
        "That is not possible: {why}",
        "Isso não é possível: {why}",
        "No es posible: {why}",
        "Nu este posibil: {why}",
    ),
    "ask_repeats": (
        ("It repeats ({often}). How often from now on? For example: every Thursday at 9. To put off only "
        "the next time, answer when it comes."),
        ("Ele se repete ({often}). Com que frequência daqui em diante? Por exemplo: toda quinta às 9h. "
        "Para adiar só a próxima vez, responda quando ela chegar."),
        ("Se repite ({often}). ¿Cada cuánto a partir de ahora? Por ejemplo: cada jueves a las 9. Para "
        "aplazar solo la próxima vez, responda cuando llegue."),
        ("Se repetă ({often}). Cât de des de acum înainte? De exemplu: în fiecare joi la 9. Ca să "
        "amânați doar data următoare, răspundeți când vine."),
    ),
    "is_cancelled": (
        "This reminder was cancelled.",
        "Este lembrete foi cancelado.",
        "Este recordatorio fue cancelado.",
        "Acest memento a fost anulat.",
    ),
    "due_already": (
        "It is due at that time already.",
        "Ele já está marcado para essa hora.",
        "Ya está previsto para esa hora.",
        "Este deja programat la ora aceea.",
    ),
    "too_far": (
        "That is more than ten years ahead.",
        "Isso é daqui a mais de dez anos.",
        "Eso es dentro de más de diez años.",
        "Asta e peste mai mult de zece ani.",
    ),
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
