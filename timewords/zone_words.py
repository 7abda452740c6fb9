"""Zones inside a sentence: "3pm PST", "15h de Lisboa", "10am Pacific Time", "ora României"."""

from __future__ import annotations

from functools import cache
from typing import Any

from timewords.tokens import Token
from timewords.zones import CITIES, cities, zone_of_offset

# Short names of zones. One that two zones share is asked about.
SHORT = {
    "utc": "UTC", "gmt": "UTC", "zulu": "UTC", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "mst": "America/Denver", "mdt": "America/Denver", "cdt": "America/Chicago", "edt": "America/New_York",
    "cet": "Europe/Berlin", "cest": "Europe/Berlin", "eet": "Europe/Bucharest", "eest": "Europe/Bucharest",
    "wet": "Europe/Lisbon", "west": "Europe/Lisbon", "brt": "America/Sao_Paulo", "jst": "Asia/Tokyo", "msk": "Europe/Moscow",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "acst": "Australia/Darwin", "awst": "Australia/Perth", "hkt": "Asia/Hong_Kong",
    "sgt": "Asia/Singapore", "akst": "America/Anchorage", "hst": "Pacific/Honolulu", "nzst": "Pacific/Auckland",
    "nzdt": "Pacific/Auckland", "est": "America/New_York", "clt": "America/Santiago", "pkt": "Asia/Karachi", "sast": "Africa/Johannesburg",
}  # fmt: skip
SHARED = {
    "cst",
    "ist",
    "bst",
    "ast",
    "art",
    "amt",
    "wst",
    "sst",
    "gst",
    "pt",
    "et",
    "ct",
    "mt",
    "brst",
    "cot",
    "bot",
    "vet",
    "pet",
    "ect",
}
AMERICAN = {"pt": "America/Los_Angeles", "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver"}
# These are ordinary words as well, so only capitals are zones.
CAPITALS = {
    "est",
    "west",
    "wet",
    "art",
    "pet",
    "bot",
    "cot",
    "vet",
    "pt",
    "et",
    "ct",
    "mt",
    "ast",
    "hst",
    "mst",
    "msk",
    "amt",
    "sst",
}
# Words about a zone that are no city.
REGIONS = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver", "pacific": "America/Los_Angeles",
    "pacifico": "America/Los_Angeles", "uk": "Europe/London", "british": "Europe/London", "england": "Europe/London", "inglaterra": "Europe/London",
    "anglia": "Europe/London", "marii britanii": "Europe/London", "portugal": "Europe/Lisbon", "portugalia": "Europe/Lisbon", "portugaliei": "Europe/Lisbon",
    "espana": "Europe/Madrid", "espanha": "Europe/Madrid", "spania": "Europe/Madrid", "spaniei": "Europe/Madrid", "peninsular": "Europe/Madrid",
    "spain": "Europe/Madrid", "madridului": "Europe/Madrid", "romania": "Europe/Bucharest", "romaniei": "Europe/Bucharest", "romenia": "Europe/Bucharest",
    "rumania": "Europe/Bucharest", "bucurestiului": "Europe/Bucharest", "lisabonei": "Europe/Lisbon", "londrei": "Europe/London",
    "parisului": "Europe/Paris", "frantei": "Europe/Paris", "franca": "Europe/Paris", "francia": "Europe/Paris", "france": "Europe/Paris",
    "germany": "Europe/Berlin", "alemanha": "Europe/Berlin", "alemania": "Europe/Berlin", "germaniei": "Europe/Berlin", "berlinului": "Europe/Berlin",
    "italy": "Europe/Rome", "italia": "Europe/Rome", "italiei": "Europe/Rome", "romei": "Europe/Rome", "argentina": "America/Argentina/Buenos_Aires",
    "colombia": "America/Bogota", "peru": "America/Lima", "venezuela": "America/Caracas", "japan": "Asia/Tokyo", "japao": "Asia/Tokyo", "japon": "Asia/Tokyo",
    "moldovei": "Europe/Chisinau", "moldova": "Europe/Chisinau", "chisinaului": "Europe/Chisinau", "greenwich": "UTC", "new yorkului": "America/New_York",
    "california": "America/Los_Angeles", "texas": "America/Chicago", "florida": "America/New_York", "ireland": "Europe/Dublin", "irlanda": "Europe/Dublin",
    "canary": "Atlantic/Canary", "brazil": None, "brasil": None, "usa": None, "us": None, "australia": None, "canada": None, "russia": None,
}  # fmt: skip
MAX_WORDS = 4


def zone_at(tokens: list[Token], place: int) -> tuple[str, str, int] | None:
    """Return (kind, zone, how many tokens) of a zone's short name or offset at this place.

    "odd_zone" when it is ambiguous.
    """
    token = tokens[place]
    if token.kind == "zone":
        zone = zone_of_offset(token.plain)
        return ("zone", zone, 1) if zone else ("odd_zone", token.plain, 1)
    name = token.plain
    if token.kind != "word" or (name not in SHORT and name not in SHARED):
        return None
    is_written_large = token.raw.isupper()
    if not is_written_large and name in CAPITALS:
        # "3pm est": right after a time it is a zone all the same.
        behind = tokens[place - 1] if place else None
        is_behind_time = behind is not None and (
            behind.kind in {"clock", "h_clock", "number"} or behind.plain in {"am", "pm"}
        )
        is_behind_half = behind is not None and behind.plain in {"am", "pm"}
        if not is_behind_time or (len(name) < 3 and not is_behind_half):
            return None
    if name in AMERICAN:
        return "zone", AMERICAN[name], 1
    return ("odd_zone", name, 1) if name in SHARED else ("zone", SHORT[name], 1)


def place_at(tokens: list[Token], place: int) -> tuple[Any, int] | None:
    """Return (zone, how many tokens) of a city, country or region at this place; zone None where it has several."""
    longest = MAX_WORDS if tokens[place].plain in _first_words() else 0
    for width in range(min(longest, len(tokens) - place), 0, -1):
        words = tokens[place : place + width]
        if any(word.kind != "word" for word in words):
            continue
        name = " ".join(word.plain for word in words)
        if name in _places():
            return _places()[name], width
    return None


@cache
def _places() -> dict[str, str | None]:
    return {**cities(), **CITIES, **REGIONS}


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in _places())
