"""What is noted of each test in the first run, and which tests the second run leaves out because of it."""

import json
import re
from types import SimpleNamespace

import pytest
from django.db import connection

from messaging import services as messaging
from messaging.services import labels_and_replies
from tenants import services as tenants
from tenants.models import Tenant
from tenants.services import NameTaken
from tests.support.questions import LEAST, Listener, cover, is_always_repeated, left_out, shape_of


@pytest.fixture
def listened(tmp_path, request):
    """A function that runs another one and returns the questions noted meanwhile."""
    listener = Listener(tmp_path)

    def listen(work, *arguments, **more):
        protocol = listener.pytest_runtest_protocol(request.node)
        next(protocol)
        with connection.execute_wrapper(listener.hear):
            work(*arguments, **more)
        with pytest.raises(StopIteration):
            protocol.send(None)
        listener.pytest_sessionfinish()
        (path,) = tmp_path.glob("*.json")
        return json.loads(path.read_text())["asked"].get(request.node.nodeid)

    listen.listener = listener
    return listen


def test_a_statement_is_noted_with_its_places_and_without_its_values(listened, db):
    asked = listened(tenants.set_up_tenant, slug="a-slug", name="A name")

    (made,) = [question for question in asked if "INSERT INTO" in question and '"tenants_tenant"' in question]
    assert made.startswith("tenants/services/core.py:set_up_tenant")
    assert not any("a-slug" in question or "A name" in question for question in asked)


def test_the_error_of_a_statement_is_part_of_the_question(listened, clinic):
    def twice():
        labels_and_replies.save_label(tenant=clinic, by="root", name="Urgent")
        with pytest.raises(NameTaken):
            labels_and_replies.save_label(tenant=clinic, by="root", name="Urgent")

    asked = listened(twice)

    (refused,) = [question for question in asked if "IntegrityError" in question]
    assert refused.startswith("messaging/services/labels_and_replies.py:_save IntegrityError INSERT")
    assert refused.replace("IntegrityError", "") in asked


def test_a_helper_is_named_with_who_calls_it(listened, channel):
    asked = listened(messaging.store_webhook, provider="meta", body=b"{}", channel=channel)

    (kept,) = [question for question in asked if "INSERT INTO" in question]
    assert re.match(r"common/db/inserts\.py:\S+ < messaging/services/webhook_events\.py:store_webhook\S* ", kept), kept


def test_what_a_test_asks_by_itself_has_no_place(listened, db):
    (asked,) = listened(Tenant.objects.count)

    assert asked.split()[:2] == ["SELECT", "COUNT(*)"]


def test_a_connection_is_listened_to_from_its_first_statement(tmp_path, db):
    listener, other = Listener(tmp_path), connection.copy()
    try:
        other.connect()
        other.close()
        other.connect()
        assert other.execute_wrappers.count(listener.hear) == 1
    finally:
        other.close()


def test_a_test_marked_once_is_not_noted(listened, request, db):
    request.node.add_marker("once")

    assert listened(tenants.set_up_tenant, slug="a-slug", name="A name") is None


def test_a_skipped_test_is_not_noted(listened, request, db):
    """It may be skipped because of the database."""

    def skipped():
        listened.listener.pytest_runtest_logreport(SimpleNamespace(passed=False, nodeid=request.node.nodeid))

    assert listened(skipped) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a WHERE b IN (%s, %s) LIMIT 21", "SELECT a WHERE b IN (%s, %s, %s) LIMIT 1"),
        ("INSERT INTO a (b, c) VALUES (%s, %s)", "INSERT INTO a (b, c) VALUES (%s, %s), (%s, %s), (%s, %s)"),
    ],
)
def test_statements_that_differ_in_numbers_and_lengths_are_one(one, other):
    assert shape_of(one) == shape_of(other)
    assert shape_of(one) != shape_of(one.replace("a", "d"))


def test_savepoints_are_no_questions():
    assert shape_of('SAVEPOINT "s1_x2"') == ""


def test_the_chosen_tests_ask_every_question():
    asked = {"a": {"1", "2", "3"}, "b": {"3", "4"}, "c": {"4"}, "d": {"1"}, "e": set(), "f": {"5", "6"}}
    tests = {name: frozenset(questions) for name, questions in asked.items()}

    assert cover(tests) == {"a", "b", "f"}
    assert cover(tests, known={"3", "4", "5"}) == {"a", "f"}


def test_tests_that_are_always_repeated_count_and_are_not_left_out(tmp_path):
    many = [str(number) for number in range(LEAST)]
    one = {"asked": {"a": ["1"], "b": ["1", "new"], "threads": many}, "always": ["threads"]}
    other = {"asked": {"c": ["new"], "threads too": []}, "always": ["threads too"]}
    (tmp_path / "1.json").write_text(json.dumps(one))
    (tmp_path / "2.json").write_text(json.dumps(other))

    assert left_out(tmp_path) == ["a", "c"]


def test_too_few_questions_are_refused(tmp_path):
    with pytest.raises(ValueError, match="only 0 questions were noted"):
        left_out(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_a_test_with_real_transactions_is_always_repeated(request):
    assert is_always_repeated(request.node)


@pytest.mark.django_db
def test_a_test_in_one_transaction_is_not_always_repeated(request):
    assert not is_always_repeated(request.node)


@pytest.mark.both
def test_a_test_marked_both_is_always_repeated(request):
    assert is_always_repeated(request.node)
