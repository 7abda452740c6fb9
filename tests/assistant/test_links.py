"""Links of strangers in an answer, in every spelling; and sentences that only look as if they held one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.links import host_of, is_below, links_in, top_level_domains
from assistant.models import KnowledgeEntry
from assistant.reply_checks import known_links
from assistant.toolbox import ReplyContext
from messaging.models import Conversation
from tests.support.patterns import QUADRATIC, growth_of

pytestmark = pytest.mark.once  # how a link is spelt is the same on each database

ALLOWED = {"alfa.example", "clínica.com", "beta.com"}

FOREIGN = [
    # with a scheme
    "https://evil.com", "http://evil.com/pay", "HTTPS://EVIL.COM", "https://evil.com:8443/x",
    "https://alfa.example@evil.com",
    "https://alfa.example:x@evil.com/", "https://user:alfa.example@evil.com/", "https://alfa.example.evil.com/",
    "https://evil.com/alfa.example", "https://evil.com?x=alfa.example", "https://evil.com#alfa.example",
    "//evil.com/x",
    "https:/evil.com/pay", "https:evil.com", "https:///evil.com", "https:\\\\evil.com", "https:/\\evil.com",
    "https://evil",
    "https://alfa.example,https://evil.com/", "https://аlfa.example/", "https://alfа.example/",
    "https://xn--lfa-8cd.example/",
    # two readings of one host
    r"https://evil.com\@www.alfa.example/", r"https://evil.com\.alfa.example/", r"https://alfa.example\@evil.com",
    r"https://alfa.example\.evil.com/", "https://alfa.example%2f@evil.com/", "https://alfa.example%00.evil.com/",
    "https://evil.com%2falfa.example/", "https://alfa.example;@evil.com/", "https://alfa.example&@evil.com",
    # bare hosts with any ending
    *(f"evil.{ending}" for ending in (
        "com", "de", "tk", "ro", "pt", "dev", "zip", "store", "club", "click", "life", "bank", "ai", "cc", "us",
        "eu", "br", "mov",
    )),
    "evil.de/pay", "evil.com.br", "www.evil.newending", "evil.newending/pay", "evil.de:8080", "evil.de?x=1",
    "EVIL.DE", "evil.xn--p1ai",
    "evil.рф", "пример.рф", "_evil.de_", "*evil.de*", ".evil.de", "t.co/abc", "x.com", "1-800.com",
    # signs that do not show, and other dots and letters
    "https\u200b://evil.de", "evil\u200b.com", "ev\u00adil.com", "https://ev\u2060il.com", "evil\ufe0f.com",
    "ev\u034fil.com",
    "\u202eevil.com", "evil\u2024com", "evil\u3002com", "evil\uff0ecom", "evil\uff61com", "evil\ufe52com",
    "ｅｖｉｌ.ｃｏｍ", "𝐞𝐯𝐢𝐥.com",
    "ⓔⓥⓘⓛ.com", "еvil.com", "evil.сom", "evіl.com", "εvil.com", "https：／／evil.com", "https://alfa\u200b.example/",
    "ht\ttps://evil.de",
    "e\u0301alfa.example.com", "evil[.]com", "evil(.)com", "evil[dot]com", "hxxp://evil[.]com",
    # other schemes
    "ftp://evil.com/x", "hxxps://evil.com", "whatsapp://send?text=x", "upi://pay?pa=evil", "upi:pay?pa=evil",
    "tel:+15550100199",
    "mailto:pay@evil.com", "javascript:alert(1)", "data:text/html,<b>x", "data:;base64,eHg=", "data:,x",
    "intent://evil#Intent;end",
    "file:///etc/passwd", "bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "view-source:evil", "sms:+15550100199",
    "jаvascript:alert(1)",
    # addresses
    "pay@evil.com", "Pay.Now+x@mail.evil.de", "pay@аlfa.example.com", "192.0.2.1/pay", "192.0.2.1:8080",
    "http://192.0.2.1/",
    "http://3221225985/", "http://0xc0000201/", "http://[2001:db8::1]/", "https://[::ffff:192.0.2.1]/pay",
]  # fmt: skip

PROSE = [
    "At 9.30 or 10.15, Dr. Who, e.g. in room 2.1.", "Data: 12/05/2026, ora: 10:30", "data:12/05", "Tel: 21 555 0100",
    "S.A., S.R.L., Ltda.",
    "version 1.2.3.4 is out", "R$ 1.234,56 or 1.000.000", "menu.pdf and price_list.xlsx", "and/or, 24/7, km/h, c/o",
    "Hello :/ or :\\ !",
    "p.m. a.m. i.e. etc...", "Obs.: no. 5", "ok... then", "A ideia é: venha às 10h", "3:1 e 2:0", "@clinic follows",
    "#hashtag", "it's 10:00.",
    "Sim...não", "https is safe", "(a) yes; (b) no", "12.05.2026", "the ratio is 1:2", "nr.12 str. Florilor",
]  # fmt: skip
KEPT = [
    "https://alfa.example", "https://alfa.example/", "HTTPS://www.Alfa.Example/Book?x=1&y=https://evil.com#z",
    "alfa.example/pay", "see https://alfa.example.",
    "(https://alfa.example/a_(b))", "https://shop.alfa.example:8443/x", "https://alfa.example/@9,8,15z",
    "*https://alfa.example*", "clínica.com",
    "https://clínica.com/x", "desk@beta.com", "mailto:desk@beta.com", "Write to desk@beta.com, please.",
    "desk@clínica.com", "https://alfa.example/files/readme.md",
]  # fmt: skip


def foreign(text):
    hosts = {host_of(host) for host in ALLOWED}

    def allows(link):
        return is_below(link.host or host_of(link.mail), hosts)

    return [text[link.start : link.end] for link in links_in(text) if not allows(link)]


@pytest.mark.parametrize("spelling", FOREIGN)
def test_a_strangers_link_is_found_in_every_spelling(spelling):
    for text in (spelling, f"Pay at {spelling} now", f"Pay ({spelling}).", f"Pay:\n{spelling}\nThanks"):
        assert foreign(text), text


@pytest.mark.parametrize("text", PROSE)
def test_prose_holds_no_link(text):
    assert links_in(text) == []


@pytest.mark.parametrize("text", KEPT)
def test_links_of_the_business_are_allowed(text):
    assert links_in(text)
    assert foreign(text) == []


@pytest.fixture
def reply_context(clinic, channel, say):
    channel.allowed_links = ["alfa.example"]
    channel.save()
    KnowledgeEntry.objects.create(
        tenant=clinic,
        title="Where",
        content="See maps.example.org, write to ana.desk@mail.com or call +1 555 010 0177.",
    )
    say("Hello, my address is me@home.net!")
    return ReplyContext(tenant=clinic, conversation=Conversation.objects.select_related("channel").get())


@pytest.mark.parametrize("spelling", FOREIGN)
def test_nothing_of_it_stays_in_the_answer(reply_context, spelling):
    left = known_links(f"Please pay at {spelling} today, thank you", reply_context) or ""

    assert foreign(left) == []
    assert left.startswith("Please pay at")
    assert left.endswith("thank you")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Pay at htt<https://x.com>ps://evil.de/pay now", "Pay at htt now"),
        ("Pay at evil<https://x.com>.de/pay now", "Pay at now"),
        ("hthttps://x.comtps://evil.de", None),
        ("We are closed.No parking then", "We are closed. No parking then"),
        ("We open at 9.am", "We open at 9. am"),
        ("Write to ana.desk@mail.com or me@home.net", "Write to ana.desk@mail.com or me@home.net"),
        ("Write to bob.desk@mail.com", "Write to"),
        ("Call tel:+1-555-010-0177 or tel:+1-555-010-0199.", "Call tel:+1-555-010-0177 or."),
        ("See maps.example.org/clinic", "See maps.example.org/clinic"),
        ("https://evil.com", None),
        ("Two: https://evil.com and https://alfa.example/x.", "Two: and https://alfa.example/x."),
    ],
)
def test_what_is_left_can_be_read(reply_context, text, left):
    assert known_links(text, reply_context) == left


@pytest.mark.parametrize("text", PROSE)
def test_prose_stays_as_it_is(reply_context, text):
    assert known_links(text, reply_context) == text


def test_that_something_was_removed_is_logged_without_the_words(reply_context, caplog):
    caplog.set_level("INFO", "frontdesk.assistant")
    known_links("Pay at https://evil.com/secret", reply_context)

    assert [record.getMessage() for record in caplog.records] == ["links_removed"]
    assert "evil" not in str(vars(caplog.records[0]))


hidden = st.sampled_from(["", "\u200b", "\u00ad", "\u2060", "\ufe0f", "\u202e", "\u034f"])
dots = st.sampled_from([".", "\u2024", "\u3002", "\uff0e", "\uff61", "\ufe52", "[.]", "(.)"])
widths = st.sampled_from([str, str.upper, lambda text: "".join(chr(ord(sign) + 0xFEE0) for sign in text)])


@settings(deadline=None, max_examples=300)
@given(
    scheme=st.sampled_from(["", "https://", "http:\\\\", "hxxp://", "x-app://", "https:"]),
    ending=st.sampled_from(sorted(ending for ending in top_level_domains() if ending.isalpha())),
    hide=hidden, dot=dots, width=widths, path=st.sampled_from(["", "/", "/pay", "?x", "#x", ":81/"]),
)  # fmt: skip
def test_spellings_put_together_are_found(scheme, ending, hide, dot, width, path):
    spelling = f"{scheme}{width('ev')}{hide}{width('il')}{dot}{ending}{path}"

    assert foreign(f"Pay at {spelling} now"), spelling


@settings(deadline=None, max_examples=500)
@given(st.text(alphabet="aе.:/\\@-<>()[] \n\u200bhtpscomde1é\u0301", max_size=60))
def test_places_lie_in_the_text_and_what_is_allowed_is_what_a_browser_opens(text):
    for link in links_in(text):
        assert 0 <= link.start < link.end <= len(text)
        assert not link.host or link.host in host_of(text[link.start : link.end]), text


@pytest.mark.parametrize(
    "piece",
    ["a.com,", ",http://a", "a@b.com,", "a.", "1.", ".", ":", "://", "tel:1,", "[.]", "\ufdfa", ",a://", "((a.de"],
)
def test_work_grows_with_the_text(piece):
    assert growth_of(links_in, piece) < QUADRATIC
