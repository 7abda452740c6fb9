"""A customer in São Paulo asks for a weekly reminder, corrects the zone, gets it, puts it off, lists and cancels it."""

from __future__ import annotations

import os
import sqlite3
import urllib.parse

import environ
import psycopg
import pytest

from tests.flows.test_desk import META, open_phone, shot, wait_for_bubble, write
from tests.support.browsers import NEEDS_CHROMIUM

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.slow,
]
CUSTOMER = "+5511987650001"
# The clock of a database cannot be moved, so the time that waits is.
COMES = "UPDATE reminders_occurrence SET occurs_at = {0}, wanted_at = {0}, due_at = {0} WHERE state = 'queued' AND {1}"


def let_it_come(desk, which="snoozed_from_id IS NULL"):
    """Make the waiting time of the only reminder due, in the database of the running desk."""
    address, log = desk
    given = os.environ.get("DATABASE_URL", "")
    if not (given.startswith("postgres") and os.environ.get("REDIS_URL")):
        with sqlite3.connect(log.parent / "var" / "frontdesk.sqlite3", timeout=20) as database:
            moved = database.execute(COMES.format("strftime('%Y-%m-%d %H:%M:%f', 'now', '-2 seconds')", which))
        database.close()
        assert moved.rowcount == 1
        return
    config = environ.Env.db_url_config(given)
    name = f"desk_{urllib.parse.urlsplit(address).port}_{os.getpid()}"
    host = (config.get("OPTIONS") or {}).get("host") or config["HOST"]
    with psycopg.connect(dbname=name, user=config["USER"], host=host, autocommit=True) as database:
        moved = database.execute(COMES.format("now() - interval '2 seconds'", which))
        assert moved.rowcount == 1


def said(page, text):
    return page.locator("[data-testid=bubble][data-author=desk]", has_text=text)


def test_a_weekly_reminder_from_the_first_word_to_the_last(desk, page):
    address, _ = desk
    open_phone(page, address, META, CUSTOMER)

    write(page, "Me lembre toda sexta às 9h de regar as plantas")
    wait_for_bubble(page, "Vou lembrar você: regar as plantas")
    confirmation = said(page, "Vou lembrar você").last.inner_text()
    assert "09:00 (horário de São Paulo) (toda semana, sexta-feira)" in confirmation

    write(page, "Estou em Manaus")
    wait_for_bubble(page, "O seu fuso agora é horário de Manaus.")
    assert "09:00 (horário de Manaus): regar as plantas" in said(page, "O seu fuso agora").last.inner_text()

    let_it_come(desk)
    wait_for_bubble(page, "⏰ regar as plantas")
    shot(page, "reminded")
    page.get_by_role("button", name="Em 10 minutos").last.click()
    wait_for_bubble(page, "Vou lembrar de novo")

    let_it_come(desk, "snoozed_from_id IS NOT NULL")
    said(page, "⏰ regar as plantas").nth(1).wait_for()
    write(page, "feito")
    wait_for_bubble(page, "Feito: regar as plantas")

    write(page, "Quais são os meus lembretes?")
    wait_for_bubble(page, "Seus lembretes:")
    assert "1. regar as plantas: " in said(page, "Seus lembretes:").last.inner_text()

    write(page, "Cancele o lembrete 1 por favor")
    wait_for_bubble(page, "Cancelado: regar as plantas")
    write(page, "Quais são os meus lembretes?")
    wait_for_bubble(page, "Você não tem lembretes.")
    shot(page, "reminders-end")
