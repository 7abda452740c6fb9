"""The chats in which approvers answer stand apart from those of customers."""

from messaging.models import Conversation
from messaging.queries.inbox import inbox


def shown(clinic, view):
    return [row.pk for row in inbox(clinic, view=view)]


def test_an_approvers_chat_is_not_among_the_customers(clinic, phone, submit):
    submit()
    phone.see()
    chat = Conversation.objects.get()

    assert (shown(clinic, "open"), shown(clinic, "internal"), shown(clinic, "all")) == ([], [chat.pk], [chat.pk])

    phone.say("yes")

    assert (shown(clinic, "open"), shown(clinic, "internal")) == ([], [chat.pk])


def test_an_approver_who_writes_as_a_customer_is_shown_as_one(clinic, phone, submit):
    submit()
    phone.see()
    phone.say("yes")

    phone.say("When are you open?")

    assert (len(shown(clinic, "open")), shown(clinic, "internal")) == (1, [])


def test_a_customer_stays_one_when_asked_as_an_approver(clinic, phone, submit):
    phone.say("When are you open?")
    submit()

    phone.see()

    assert (len(shown(clinic, "open")), shown(clinic, "internal")) == (1, [])
