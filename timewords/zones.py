"""Time zones of people: guessed from a phone number, parsed from words, and named for people."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import phonenumbers
from phonenumbers import timezone as number_zones

from common.text import phone_numbers
from common.text.plain import fold
from common.text.zone_names import zone_names

MAX_READ = 200  # characters
# Where a number does not say which of its country's zones, the one in which most of its people live.
MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo",
    "CA": "America/Toronto", "CL": "America/Santiago", "CN": "Asia/Shanghai", "EC": "America/Guayaquil",
    "ES": "Europe/Madrid", "FR": "Europe/Paris", "GB": "Europe/London", "GG": "Europe/London",
    "ID": "Asia/Jakarta", "KZ": "Asia/Almaty", "MX": "America/Mexico_City", "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York",
}  # fmt: skip
# Cities in our four languages, where that is not the last part of the zone's name (folded).
CITIES = {
    "new york": "America/New_York", "nova york": "America/New_York", "nova iorque": "America/New_York",
    "nueva york": "America/New_York", "londres": "Europe/London", "londra": "Europe/London",
    "lisboa": "Europe/Lisbon", "lisabona": "Europe/Lisbon", "madri": "Europe/Madrid", "paris": "Europe/Paris",
    "bucuresti": "Europe/Bucharest", "bucareste": "Europe/Bucharest", "bucarest": "Europe/Bucharest",
    "berlim": "Europe/Berlin", "roma": "Europe/Rome", "viena": "Europe/Vienna", "moscou": "Europe/Moscow",
    "moscova": "Europe/Moscow", "moscu": "Europe/Moscow", "bruxelas": "Europe/Brussels", "atena": "Europe/Athens",
    "atenas": "Europe/Athens", "brasilia": "America/Sao_Paulo", "rio de janeiro": "America/Sao_Paulo",
    "rio": "America/Sao_Paulo", "belo horizonte": "America/Sao_Paulo", "curitiba": "America/Sao_Paulo",
    "porto alegre": "America/Sao_Paulo", "salvador": "America/Bahia", "natal": "America/Fortaleza",
    "goiania": "America/Sao_Paulo", "campo grande": "America/Campo_Grande", "florianopolis": "America/Sao_Paulo",
    "porto": "Europe/Lisbon", "acores": "Atlantic/Azores", "canarias": "Atlantic/Canary",
    "ciudad de mexico": "America/Mexico_City", "cidade do mexico": "America/Mexico_City",
    "mexico": "America/Mexico_City", "barcelona": "Europe/Madrid", "valencia": "Europe/Madrid",
    "sevilla": "Europe/Madrid", "buenos aires": "America/Argentina/Buenos_Aires", "cluj": "Europe/Bucharest",
    "iasi": "Europe/Bucharest", "timisoara": "Europe/Bucharest", "constanta": "Europe/Bucharest",
    "brasov": "Europe/Bucharest", "chisinau": "Europe/Chisinau", "miami": "America/New_York",
    "boston": "America/New_York", "washington": "America/New_York", "atlanta": "America/New_York",
    "houston": "America/Chicago", "dallas": "America/Chicago", "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles", "las vegas": "America/Los_Angeles", "san diego": "America/Los_Angeles",
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "india": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata",
    "munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "milan": "Europe/Rome", "milano": "Europe/Rome",
    "geneva": "Europe/Zurich", "utc": "UTC", "gmt": "UTC", "beijing": "Asia/Shanghai", "toquio": "Asia/Tokyo",
}  # fmt: skip
NAMES = {
    "America/Sao_Paulo": {"": "São Paulo"}, "America/Belem": {"": "Belém"}, "America/Cuiaba": {"": "Cuiabá"},
    "America/Bogota": {"": "Bogotá"}, "America/Asuncion": {"": "Asunción"},
    "America/New_York": {"": "New York", "pt": "Nova York", "es": "Nueva York"},
    "America/Mexico_City": {"": "Mexico City", "pt": "Cidade do México", "es": "Ciudad de México"},
    "Europe/Bucharest": {"": "Bucharest", "pt": "Bucareste", "es": "Bucarest", "ro": "București"},
    "Europe/Lisbon": {"": "Lisbon", "pt": "Lisboa", "es": "Lisboa", "ro": "Lisabona"},
    "Europe/London": {"": "London", "pt": "Londres", "es": "Londres", "ro": "Londra"},
}  # fmt: skip
# Only words that surely say where somebody is: the rest of such a message must be a place and nothing else.
_SAYS = re.compile(
    r"^(?:(?:no|nao|nu|hi|oi|hola|sorry|actually|na verdade|en realidad|de fapt|wrong|errado|mal|gresit)\s+)*"
    r"(?:(?:i am|im|i m|i live|i m living|we are)(?: now| currently)? (?:in|from)|my (?:time ?zone|zone) is|(?:use|set)(?: the)?(?: time ?zone| zone)?(?: to| of)?|"
    r"(?:time ?zone|zone)(?: is| of| to)?|"
    r"(?:eu )?(?:(?:estou|to|moro|vivo|fico)(?: agora)? (?:em|no|na)|sou (?:de|do|da))|(?:use )?(?:o |meu )?(?:fuso(?: horario)?|horario)(?: e| eh)? (?:de|do|da|em)|"
    r"(?:meu )?fuso(?: horario)?(?: e)?|"
    r"(?:yo )?(?:(?:estoy|vivo)(?: ahora)? en|soy (?:de|del))|(?:usa |mi )?(?:la )?(?:hora|zona(?: horaria)?)(?: es)?(?: la)?(?: de)?|"
    r"(?:eu )?(?:sunt|locuiesc|stau)(?: acum)? (?:in|din)|(?:ora|fusul(?: orar)?|fus orar)(?: e| este)?(?: din| de la| al)?)\s+"
    r"(?P<place>[a-z][a-z ]*?)(?: time| now| agora| ahora| acum| please| por favor| va rog)*$"
)
_BARE = re.compile(r"^(?P<place>[a-z][a-z ]*?) (?:time|time zone|timezone)(?: please)?$")
_OFFSET = re.compile(r"\b(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?\b")
# Zones with an offset of no whole hours and without summer time.
HALF_HOURS = {
    "+3:30": "Asia/Tehran", "+4:30": "Asia/Kabul", "+5:30": "Asia/Kolkata", "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon", "+8:45": "Australia/Eucla", "+9:30": "Australia/Darwin", "-9:30": "Pacific/Marquesas",
}  # fmt: skip
# Places whose names are also other words: no answer to "which city?" on their own.
NO_ANSWERS = {"center", "christmas", "easter", "midway", "natal", "reunion", "wake"}


@cache
def current_names() -> dict[str, str]:
    """Return the current name for each old name of a zone (the links of the time zone database)."""
    text = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text(encoding="utf-8")
    links = [line.split() for line in text.splitlines() if line.startswith("L ")]
    return {old: new for _, new, old, *_ in links}


def guess_zone(phone: str, *, default: str) -> str:
    """Return the zone suggested by a phone number; `default` where the number does not tell.

    `default` is the tenant's own zone. A number of another country counts only where it tells one zone: "+1 555" tells
    none of its country's many, and somebody who writes to a clinic in Lisbon from it is most likely there.
    """
    try:
        number = phonenumbers.parse(phone_numbers.canonical(phone if phone.startswith("+") else f"+{phone}"))
    except phonenumbers.NumberParseException:
        return default
    found = [_current(name) for name in number_zones.time_zones_for_number(number)]
    found = [name for name in found if name in zone_names()]
    if len(found) == 1 or default in found:
        return default if default in found else found[0]
    country = phonenumbers.region_code_for_number(number)
    abroad = {country} if country else set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ()))
    at_home = countries().get(_current(default), frozenset())
    if abroad and at_home and not abroad & at_home:
        return default
    region = country or phonenumbers.region_code_for_country_code(number.country_code or 0)
    main = MAIN_ZONES.get(region, "")
    return main if main and (main in found or not found) else (found[0] if found else default)


def parse_zone(text: str, *, is_asked: bool = False) -> str | None:
    """Return the zone that a message states, and nothing else; `is_asked`: a bare city is an answer too."""
    if len(text) > MAX_READ:
        return None  # nobody needs so many words to say where they are
    for pattern, meaning in ((_OFFSET, _by_offset), (_NAME, _named)):
        found = pattern.search(text)
        if found is not None:
            # The rest may only say that this is where somebody is: "call me at 9 UTC+2" is another matter.
            plain = fold(f"{text[: found.start()]} here {text[found.end() :]}")
            said = _SAYS.match(plain)
            return meaning(found) if plain == "here" or (said and said["place"] == "here") else None
    plain = fold(text)
    found_in = _SAYS.match(plain) or _BARE.match(plain)
    place = found_in["place"] if found_in else plain if is_asked and plain not in NO_ANSWERS else ""
    return place_zone(place) if place else None


def zone_of_offset(text: str) -> str | None:
    """Return the zone of "utc+2", or None."""
    found = _OFFSET.search(text)
    return _by_offset(found) if found is not None else None


def _by_offset(found: re.Match[str]) -> str | None:
    sign, hours, minutes = found.groups()
    if minutes and int(minutes):
        return HALF_HOURS.get(f"{sign}{int(hours)}:{minutes}")
    # The names of the database have the opposite sign.
    name = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}" if int(hours) else "UTC"
    return name if name in zone_names() else None


def _named(found: re.Match[str]) -> str | None:
    return _by_name().get(found[0].casefold())


def place_zone(place: str) -> str | None:
    """Return the zone of a city, or None."""
    place = place.removeprefix("o ").removeprefix("a ").strip()
    return CITIES.get(place) or cities().get(place)


def city_name(zone: str, language: str) -> str:
    """Return a zone's city in a language."""
    names = NAMES.get(zone, {})
    return names.get(language) or names.get("") or zone.rpartition("/")[2].replace("_", " ")


@cache
def countries() -> dict[str, frozenset[str]]:
    """Return the countries that lie in each zone."""
    found: dict[str, set[str]] = {}
    for table in ("zone.tab", "zone1970.tab"):
        text = files("tzdata").joinpath("zoneinfo", table).read_text(encoding="utf-8")
        for line in text.splitlines():
            if line and not line.startswith("#"):
                codes, _, name, *_ = line.split("\t")
                found.setdefault(name, set()).update(codes.split(","))
    return {name: frozenset(codes) for name, codes in found.items()}


def _current(name: str) -> str:
    return current_names().get(name, name)


@cache
def _by_name() -> dict[str, str]:
    return {name.casefold(): _current(name) for name in zone_names()}


@cache
def cities() -> dict[str, str]:
    """Return the zone of each city in the time zone database (folded)."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    places = [name for name in sorted(zone_names()) if name.startswith(regions) and name not in current_names()]
    return {fold(name.rpartition("/")[2].replace("_", " ")): name for name in places}
