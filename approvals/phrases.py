"""The sentences for approvers, as data, by language."""

from __future__ import annotations

PHRASES: dict[str, dict[str, str]] = {
    "urgent": {"en": "❗ Urgent", "pt": "❗ Urgente", "es": "❗ Urgente", "ro": "❗ Urgent"},
    "new_text": {
        "en": "Your new text. Approve it?",
        "pt": "O seu novo texto. Aprova?",
        "es": "Su nuevo texto. ¿Lo aprueba?",
        "ro": "Textul nou. Îl aprobați?",
    },
    "until": {"en": "{id} · until {at}", "pt": "{id} · até {at}", "es": "{id} · hasta {at}", "ro": "{id} · până {at}"},
    "how": {
        "en": 'Answer yes or no, "edit: new text", or "? your question".',
        "pt": 'Responda sim ou não, "editar: novo texto" ou "? a sua pergunta".',
        "es": 'Responda sí o no, "editar: texto nuevo" o "? su pregunta".',
        "ro": 'Răspundeți da sau nu, "editeaza: text nou" sau "? întrebarea".',
    },
    "button_approve": {"en": "Approve", "pt": "Aprovar", "es": "Aprobar", "ro": "Aprob"},
    "button_reject": {"en": "Reject", "pt": "Rejeitar", "es": "Rechazar", "ro": "Resping"},
    "digest": {
        "en": "{count} decisions wait for you:",
        "pt": "{count} decisões esperam por si:",
        "es": "{count} decisiones le esperan:",
        "ro": "{count} decizii vă așteaptă:",
    },
    "digest_how": {
        "en": 'Answer in one line: "1,3 yes 2 no", "skip 3", "2 edit: new text". ALL approves all of these; a number '
        "alone shows one whole.",
        "pt": 'Responda numa linha: "1,3 sim 2 não", "pular 3", "2 editar: novo texto". TODOS aprova todas estas; um '
        "número sozinho mostra uma inteira.",
        "es": 'Responda en una línea: "1,3 sí 2 no", "saltar 3", "2 editar: texto nuevo". TODAS aprueba todas; un '
        "número solo muestra una entera.",
        "ro": 'Răspundeți într-un rând: "1,3 da 2 nu", "sari 3", "2 editeaza: text nou". TOATE le aprobă pe toate; un '
        "număr singur arată una întreagă.",
    },
    "long": {
        "en": "(write its number to read it all)",
        "pt": "(escreva o número para ler tudo)",
        "es": "(escriba el número para leer todo)",
        "ro": "(scrieți numărul ca să citiți tot)",
    },
    "more": {
        "en": "… and {count} more after these.",
        "pt": "… e mais {count} depois destas.",
        "es": "… y {count} más después de estas.",
        "ro": "… și încă {count} după acestea.",
    },
    "approved": {
        "en": "✅ {id} approved: {title}",
        "pt": "✅ {id} aprovado: {title}",
        "es": "✅ {id} aprobado: {title}",
        "ro": "✅ {id} aprobat: {title}",
    },
    "rejected": {
        "en": "❌ {id} rejected: {title}",
        "pt": "❌ {id} rejeitado: {title}",
        "es": "❌ {id} rechazado: {title}",
        "ro": "❌ {id} respins: {title}",
    },
    "chosen": {
        "en": "✅ {id} {option}: {title}",
        "pt": "✅ {id} {option}: {title}",
        "es": "✅ {id} {option}: {title}",
        "ro": "✅ {id} {option}: {title}",
    },
    "expired": {
        "en": "⌛ {id} has expired, your answer changes nothing: {title}",
        "pt": "⌛ {id} expirou, a sua resposta já não conta: {title}",
        "es": "⌛ {id} ha vencido, su respuesta ya no cuenta: {title}",
        "ro": "⌛ {id} a expirat, răspunsul nu mai contează: {title}",
    },
    "over": {
        "en": "{id} was decided already ({status}, {by}): {title}",
        "pt": "{id} já foi decidido ({status}, {by}): {title}",
        "es": "{id} ya fue decidido ({status}, {by}): {title}",
        "ro": "{id} a fost deja decis ({status}, {by}): {title}",
    },
    "closing": {
        "en": "{id} is settled ({status}, {by}), nothing to do: {title}",
        "pt": "{id} está resolvido ({status}, {by}), nada a fazer: {title}",
        "es": "{id} está resuelto ({status}, {by}), nada que hacer: {title}",
        "ro": "{id} este rezolvat ({status}, {by}), nimic de făcut: {title}",
    },
    "counted": {
        "en": "👍 {id}: your yes counts, {left} more needed: {title}",
        "pt": "👍 {id}: o seu sim conta, falta(m) {left}: {title}",
        "es": "👍 {id}: su sí cuenta, falta(n) {left}: {title}",
        "ro": "👍 {id}: da-ul dvs. contează, mai trebuie {left}: {title}",
    },
    "again": {
        "en": "{id}: you have answered this one already.",
        "pt": "{id}: já respondeu a este.",
        "es": "{id}: ya respondió a esta.",
        "ro": "{id}: ați răspuns deja la acesta.",
    },
    "not_you": {
        "en": "You are not one of those who decide this.",
        "pt": "Não é uma das pessoas que decidem isto.",
        "es": "Usted no es de quienes deciden esto.",
        "ro": "Nu sunteți printre cei care decid acest lucru.",
    },
    "unclear": {
        "en": "I did not understand that, so nothing was decided.",
        "pt": "Não entendi, por isso nada foi decidido.",
        "es": "No lo entendí, así que no se decidió nada.",
        "ro": "Nu am înțeles, deci nu s-a decis nimic.",
    },
    "which": {
        "en": "Which one? Nothing was decided.",
        "pt": "Qual delas? Nada foi decidido.",
        "es": "¿Cuál? No se decidió nada.",
        "ro": "Care dintre ele? Nu s-a decis nimic.",
    },
    "read_first": {
        "en": "Please read {id} whole before you decide:",
        "pt": "Por favor leia {id} por inteiro antes de decidir:",
        "es": "Por favor lea {id} entera antes de decidir:",
        "ro": "Vă rugăm citiți {id} în întregime înainte de a decide:",
    },
    "skipped": {
        "en": "{id} stays open.",
        "pt": "{id} fica em aberto.",
        "es": "{id} queda abierta.",
        "ro": "{id} rămâne deschis.",
    },
    "question": {
        "en": "Your question about {id} was passed on; it stays open.",
        "pt": "A sua pergunta sobre {id} foi enviada; fica em aberto.",
        "es": "Su pregunta sobre {id} fue enviada; queda abierta.",
        "ro": "Întrebarea despre {id} a fost trimisă; rămâne deschis.",
    },
    "reply": {
        "en": "Answer to your question about {id}: {text}",
        "pt": "Resposta à sua pergunta sobre {id}: {text}",
        "es": "Respuesta a su pregunta sobre {id}: {text}",
        "ro": "Răspuns la întrebarea despre {id}: {text}",
    },
    "no_edit": {
        "en": "{id} cannot be edited here: several people, or one of several options, decide it as it is.",
        "pt": "{id} não pode ser editado aqui: é decidido tal como está.",
        "es": "{id} no se puede editar aquí: se decide tal como está.",
        "ro": "{id} nu poate fi editat aici: se decide așa cum este.",
    },
    "too_long": {
        "en": "That text is too long: up to {count} characters.",
        "pt": "O texto é longo demais: até {count} caracteres.",
        "es": "El texto es demasiado largo: hasta {count} caracteres.",
        "ro": "Textul este prea lung: cel mult {count} caractere.",
    },
    "nothing": {
        "en": "Nothing waits for you.",
        "pt": "Nada espera por si.",
        "es": "Nada le espera.",
        "ro": "Nimic nu vă așteaptă.",
    },
    "status_approved": {"en": "approved", "pt": "aprovado", "es": "aprobado", "ro": "aprobat"},
    "status_rejected": {"en": "rejected", "pt": "rejeitado", "es": "rechazado", "ro": "respins"},
    "status_expired": {"en": "expired", "pt": "expirado", "es": "vencido", "ro": "expirat"},
    "status_cancelled": {"en": "withdrawn", "pt": "retirado", "es": "retirado", "ro": "retras"},
    "by_clock": {
        "en": "no answer in time", "pt": "sem resposta a tempo", "es": "sin respuesta a tiempo",
        "ro": "fără răspuns la timp",
    },
}  # fmt: skip
