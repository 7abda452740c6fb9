"""Small but valid media, and those the product uploads."""

import base64
import hashlib
import itertools
import struct
import threading
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field

KEPT = 500
LIFE_SECONDS = 300  # Meta: a media address lives 5 minutes (wire/meta-cloud.md section 8)
MIME_TYPES = {
    "image": "image/png",
    "audio": "audio/ogg",
    "voice": "audio/ogg; codecs=opus",
    "video": "video/mp4",
    "document": "application/pdf",
    "sticker": "image/webp",
    "contacts": "text/vcard",
}
WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
MP4 = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp41") + struct.pack(">I4s", 8, b"mdat")
VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Carla Example\r\nTEL;waid=15550100133:+1 555-010-0133\r\nEND:VCARD\r\n"


@dataclass(kw_only=True)
class Medium:
    """One file somebody sent."""

    id: str
    mime_type: str
    content: bytes
    name: str = ""
    at: float = field(default_factory=time.time)

    @property
    def sha256(self) -> str:
        """Base64 of the SHA-256, as Meta's webhooks carry it."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()

    @property
    def base64(self) -> str:
        """The content as Evolution sends it."""
        return base64.b64encode(self.content).decode()


class MediaStore:
    """The files of all services, the oldest forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(500_000_000_000_000 + time.time_ns() % 10**12)
        self._media: OrderedDict[str, Medium] = OrderedDict()

    def add(self, mime_type: str, content: bytes, name: str = "") -> Medium:
        """Keep a file under a new id."""
        with self._lock:
            medium = Medium(id=str(next(self._ids)), mime_type=mime_type, content=content, name=name)
            self._media[medium.id] = medium
            if len(self._media) > KEPT:
                self._media.popitem(last=False)
        return medium

    def sample(self, kind: str, *, mime_type: str = "", content: bytes = b"", name: str = "") -> Medium:
        """Make a small file of a message kind, or keep the one given."""
        return self.add(mime_type or MIME_TYPES[kind], content or _sample(kind), name)

    def get(self, media_id: str) -> Medium | None:
        """Find a file."""
        return self._media.get(media_id)


def _sample(kind: str) -> bytes:
    makers = {"image": picture, "audio": voice_note, "voice": voice_note, "document": pdf}
    constants = {"sticker": WEBP, "video": MP4, "contacts": VCARD}
    return constants[kind] if kind in constants else makers[kind]()


def picture(side: int = 160) -> bytes:
    """A PNG with a soft two-coloured pattern."""
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            rows += bytes((40 + x * 180 // side, 110 + y * 100 // side, 170 if (x // 20 + y // 20) % 2 else 200))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def voice_note(seconds: int = 1) -> bytes:
    """An Ogg/Opus file of silence (RFC 7845): 20 ms packets of one silent frame."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    vendor = b"frontdesk"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    packets = [b"\xf8\xff\xfe"] * (50 * seconds)
    pages = (_page([head], 0, 0, 2), _page([tags], 1, 0, 0), _page(packets, 2, 960 * len(packets), 4))
    return b"".join(pages)


def _page(packets: list[bytes], number: int, granule: int, flags: int) -> bytes:
    header = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, 1, number, 0)
    page = header + bytes([len(packets), *map(len, packets)]) + b"".join(packets)
    return page[:22] + struct.pack("<I", _ogg_crc(page)) + page[26:]


def _ogg_crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def pdf() -> bytes:
    """A one-page PDF that says hello."""
    stream = b"BT /F1 18 Tf 30 90 Td (Hello from the simulator) Tj ET"
    bodies = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + tail
