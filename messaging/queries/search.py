"""Find people and what was said, by words: by the text search of the database, over an index."""

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
PEOPLE_FOUND = 1000  # people that a search in the lists of the back office goes by
MAX_FOUND = 500  # people whose conversations a search looks at


def find_messages(tenant: Tenant, text: str, *, before: int | None = None, limit: int = PAGE) -> QuerySet[Message]:
    """Messages that hold all the words (the beginnings of words do), the newest first.

    `before` is the id of the last one of the page before. [] when there are no words.
    """
    rows = Message.objects.of(tenant).filter(deleted_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = with_words(rows, MESSAGES, words_of(text), tenant=tenant, before=before, limit=limit)
    newest: QuerySet[Message] = found.select_related("conversation__contact", "channel").order_by("-pk")[:limit]
    return newest


def find_contacts(tenant: Tenant, text: str, *, before: int | None = None, limit: int = PAGE) -> QuerySet[Contact]:
    """People by the words of their name or a part of a number or address, the newest first."""
    rows = Contact.objects.of(tenant).filter(merged_into=None)
    by_name = with_words(rows, CONTACTS, words_of(text), tenant=tenant).values("pk")
    found = rows.filter(Q(pk__in=by_name) | Q(pk__in=_by_address(tenant, text)))
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.prefetch_related("addresses").order_by("-pk")[:limit]


def people_found(contacts: QuerySet, text: str, *, limit: int = PEOPLE_FOUND) -> list[int]:
    """Ids of those of the contacts that a search in the back office means, the newest first.

    By ids, so that a list joined to them is read by its index and the people are looked through once. An address has a
    digit, an @ or a dot in it: what has none is a name, which is found by its index.
    """
    found = with_words(contacts, CONTACTS, words_of(text)).order_by().values("pk")
    if re.search(r"[\d@.]", text):
        addresses = ContactAddress.objects.filter(value_holds(text)).values("contact_id")
        found = found.union(contacts.filter(pk__in=addresses).order_by().values("pk"))
    return [row["pk"] for row in found.order_by("-pk")[:limit]]


def conversations_about(tenant: Tenant, text: str) -> Q:
    """A condition for conversations: their person, or something said in them, fits the words."""
    people = find_contacts(tenant, text, limit=MAX_FOUND).values_list("pk", flat=True)
    said = find_messages(tenant, text, limit=MAX_FOUND).values_list("conversation_id", flat=True)
    return Q(contact__in=list(people.prefetch_related(None))) | Q(pk__in=set(said))


def words_of(text: str) -> list[str]:
    """The words to look for; what is no letter and no digit only parts them."""
    return re.findall(r"\w+", text.replace("\0", " "))[:MAX_WORDS]


def value_holds(text: str, prefix: str = "") -> Q:
    """A condition for addresses: the text is a part of one, and a number in any of its spellings."""
    found = Q()
    for part in search_terms(text):
        found |= Q(**{f"{prefix}value__icontains": part})
    return found


def _by_address(tenant: Tenant, text: str) -> Any:
    rows = ContactAddress.objects.of(tenant)
    is_long_enough = len(re.sub(r"[\s().-]", "", text)) >= 3
    return (rows.filter(value_holds(text)) if is_long_enough else rows.none()).values("contact")


def _holds(column: str, word: str) -> GreaterThan:
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
    """Those of `rows` whose text holds all the words, each as the beginning of one.

    `tenant`, `before` and `limit` are those that the caller asks for as well: SQLite's index is not read further.
    """
    if not words:
        return rows.none()
    if connection.vendor == "postgresql":
        # Words are letters and digits alone, so that nothing in them is read as a command of the search.
        query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
        found = rows.annotate(vector=SearchVector(index.column, config="simple")).filter(vector=query)
        # A frequent word is looked for from the newest row on. To find letters costs a twentieth of parsing a text, so
        # that comes first; only for plain letters, whose small ones are the same in every locale of a database.
        return found.filter(*(_holds(index.column, word) for word in words if word.isascii()))
    return rows.filter(pk__in=index.matching(words, tenant, before, limit))
