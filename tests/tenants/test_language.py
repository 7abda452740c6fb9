"""The back office speaks the language that somebody chose, else the browser's; programs read English."""

import pytest
from django.test import Client

from common.text.reasons import translate_reason
from common.work.acts import discard_row
from common.work.rows import State
from messaging.models import Message
from tenants.models import User
from tests.support.api import ApiCaller
from tests.support.backoffice import browser, see, write

pytestmark = pytest.mark.django_db
INBOX = {"pt-br": "Caixa de entrada", "es": "Bandeja de entrada", "ro": "Mesaje", "en": "Inbox"}
SESSION = {
    "pt-br": ("Assumir", "O assistente responde.", "Enviar de novo", "a janela de resposta está fechada"),
    "es": ("Tomar", "El asistente responde.", "Enviar otra vez", "la ventana de respuesta está cerrada"),
    "ro": ("Preia", "Răspunde asistentul.", "Trimite din nou", "fereastra de răspuns este închisă"),
}


def page(client, path="/admin/inbox/", language="en"):
    answer = client.get(path, headers={"Accept-Language": language})
    return answer, answer.content.decode()


@pytest.mark.parametrize("language", INBOX)
def test_a_page_comes_in_the_language_that_the_browser_asks_for(manager, session, language):
    answer, html = page(manager, language=language)

    assert f">{INBOX[language]}<" in html.replace("\n", "").replace("  ", "")
    assert f'lang="{language}"' in html
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("language", SESSION)
def test_the_page_of_a_session_is_translated_down_to_a_reason(manager, session, language):
    write(session, "Hello", state=State.DEAD, last_error="meta: the reply window is shut")

    html = page(manager, f"/admin/messaging/conversation/{session.pk}/change/", language)[1]

    assert all(words in html for words in SESSION[language])
    assert "Take over" not in html


def test_what_a_person_chose_wins_over_the_browser_and_outlives_the_login(manager, session):
    answer = manager.post("/admin/language/", {"language": "es", "next": "/admin/inbox/?view=all"})

    assert (answer.status_code, answer.url) == (302, "/admin/inbox/?view=all")
    assert User.objects.get(memberships__tenant=session.tenant).language == "es"
    assert "Bandeja de entrada" in page(manager, language="ro")[1]
    stranger = Client()
    stranger.cookies = answer.cookies
    assert 'lang="es"' in page(stranger, "/admin/login/", "ro")[1]


@pytest.mark.parametrize(("language", "back"), [("de", "/admin/"), ("es", "https://evil.example/")])
def test_an_unknown_language_and_a_foreign_address_are_left_aside(manager, language, back):
    answer = manager.post("/admin/language/", {"language": language, "next": back})

    assert answer.url == "/admin/"
    assert User.objects.get().language == (language if language == "es" else "")


def test_a_refusal_and_the_names_of_fields_are_translated(manager, session):
    refused = manager.post(
        f"/admin/messaging/conversation/{session.pk}/act/send/", {"text": " "}, headers={"Accept-Language": "pt-br"}
    )

    assert refused.json()["error"] == "não há nada para enviar"
    assert ">Contatos<" in page(manager, language="pt-br")[1].replace("\n", "").replace(" ", "")
    assert "última mensagem em" in page(manager, "/admin/messaging/conversation/", "pt-br")[1].lower()


def test_programs_read_english_whatever_they_ask_for(clinic, session):
    path, language = f"sessions/{session.pk}/snooze", {"Accept-Language": "es"}
    answer = ApiCaller(clinic).post(path, {"hours": 0}, **language)

    assert answer.status_code == 400
    assert "A number above 0" in answer.json()["detail"]


def test_the_audit_and_the_rows_stay_english(manager, session):
    message = write(session, "Hello", state=State.DEAD, last_error="no")
    manager.post("/admin/language/", {"language": "ro"})
    see(manager, message)

    discard_row(row=Message.objects.get(), by="maria")

    assert translate_reason("HTTP 500: unheard of") == "HTTP 500: unheard of"
    assert "discarded" in Message.objects.get().last_error
    assert browser(session.tenant, "viewer").get("/admin/inbox/").headers["Content-Language"] == "en"
