"""Search contacts and messages by words, with the text search of the database and its index."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan

from common.text.phone_numbers import search_terms
from messaging.models import Contact, ContactAddress, Message
from messaging.queries.word_index import CONTACTS, MESSAGES, WordIndex
from tenants.models import Tenant

PAGE = 30
MAX_WORDS = 8
PEOPLE_FOUND = 1000  # the most contacts that a search in a list of the back office uses
MAX_FOUND = 500  # the most contacts, and the most messages, whose conversations a search returns


def find_messages(tenant: Tenant, text: str, *, before: int | None = None, limit: int = PAGE) -> QuerySet[Message]:
    """Return the messages that contain all the words, or words that begin with them, the newest first.

    `before` is the id of the last message on the page before. A text without words finds nothing.
    """
    rows = Message.objects.of(tenant).filter(deleted_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = with_words(rows, MESSAGES, search_words(text), tenant=tenant, before=before, limit=limit)
    newest: QuerySet[Message] = found.select_related("conversation__contact", "channel").order_by("-pk")[:limit]
    return newest


def find_contacts(tenant: Tenant, text: str, *, before: int | None = None, limit: int = PAGE) -> QuerySet[Contact]:
    """Return the contacts whose name has these words, or whose number or address contains the text, newest first."""
    rows = Contact.objects.of(tenant).filter(merged_into=None)
    by_name = with_words(rows, CONTACTS, search_words(text), tenant=tenant).values("pk")
    found = rows.filter(Q(pk__in=by_name) | Q(pk__in=_contacts_by_address(tenant, text)))
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.prefetch_related("addresses").order_by("-pk")[:limit]


def people_found(contacts: QuerySet, text: str, *, limit: int = PEOPLE_FOUND) -> list[int]:
    """Return the ids of those of the contacts that a search in the back office finds, the newest first.

    Ids are returned so that the list can use the index of its foreign key and the contacts are searched once. Every
    address contains a digit, an @ or a dot. A text with none of these can only be a name, for which the index of words
    is enough.
    """
    found = with_words(contacts, CONTACTS, search_words(text)).order_by().values("pk")
    if re.search(r"[\d@.]", text):
        addresses = ContactAddress.objects.filter(value_holds(text)).values("contact_id")
        found = found.union(contacts.filter(pk__in=addresses).order_by().values("pk"))
    return [row["pk"] for row in found.order_by("-pk")[:limit]]


def conversations_about(tenant: Tenant, text: str) -> Q:
    """Return a condition for conversations whose contact, or one of whose messages, fits the text."""
    people = find_contacts(tenant, text, limit=MAX_FOUND).values_list("pk", flat=True)
    conversations = find_messages(tenant, text, limit=MAX_FOUND).values_list("conversation_id", flat=True)
    return Q(contact__in=list(people.prefetch_related(None))) | Q(pk__in=set(conversations))


def search_words(text: str) -> list[str]:
    """Return the words of a text to search for. Characters that are no letters and no digits separate words."""
    return re.findall(r"\w+", text.replace("\0", " "))[:MAX_WORDS]


def value_holds(text: str, prefix: str = "") -> Q:
    """Return a condition for addresses that contain the text; a number is tried in all its spellings."""
    found = Q()
    for part in search_terms(text):
        found |= Q(**{f"{prefix}value__icontains": part})
    return found


def _contacts_by_address(tenant: Tenant, text: str) -> Any:
    rows = ContactAddress.objects.of(tenant)
    is_long_enough = len(re.sub(r"[\s().-]", "", text)) >= 3
    return (rows.filter(value_holds(text)) if is_long_enough else rows.none()).values("contact")


def _contains_word(column: str, word: str) -> GreaterThan:
    return GreaterThan(StrIndex(Lower(column), Lower(Value(word))), 0)


def with_words(
    rows: Any,
    index: WordIndex,
    words: list[str],
    *,
    tenant: Tenant | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> Any:
    """Return those of `rows` whose text contains all the words, each as the beginning of a word.

    Pass `tenant`, `before` and `limit` when the caller filters by them too: SQLite's index then reads no further than
    they allow.
    """
    if not words:
        return rows.none()
    if connection.vendor == "postgresql":
        # The words consist of letters and digits alone, so nothing in them is an operator of the search.
        query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
        found = rows.annotate(vector=SearchVector(index.column, config="simple")).filter(vector=query)
        # For a frequent word PostgreSQL reads the rows from the newest one on and tests each. To find letters in a text
        # costs a twentieth of parsing the text into words, so a test for the letters is added. It is added for ASCII
        # words only, because their lower case is the same in every locale of a database.
        return found.filter(*(_contains_word(index.column, word) for word in words if word.isascii()))
    return rows.filter(pk__in=index.matching(words, tenant, before, limit))
