"""File extensions and media types, by our own table.

The list of the machine, which Python's `mimetypes` reads, differs between systems: on Debian a voice note gets `.oga`,
which transcription refuses (chatwoot 14689); elsewhere `audio/mp4` has no extension at all.
"""

from __future__ import annotations

import re

GENERIC = ("", "application/octet-stream", "binary/octet-stream", "application/unknown")
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
# Files get the first extension; the others are recognised.
ENDINGS: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic",),
    "image/heif": ("heif",),
    "image/avif": ("avif",),
    "image/bmp": ("bmp",),
    "image/tiff": ("tif", "tiff"),
    "image/svg+xml": ("svg",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/mpeg": ("mp3", "mpga"),
    "audio/mp4": ("m4a",),
    "audio/aac": ("aac",),
    "audio/amr": ("amr",),
    "audio/wav": ("wav",),
    "audio/flac": ("flac",),
    "audio/webm": ("weba",),
    "audio/x-caf": ("caf",),
    "video/mp4": ("mp4", "m4v"),
    "video/3gpp": ("3gp", "3gpp"),
    "video/quicktime": ("mov", "qt"),
    "video/webm": ("webm",),
    "video/x-msvideo": ("avi",),
    "video/x-matroska": ("mkv",),
    "video/mpeg": ("mpeg", "mpg"),
    "application/pdf": ("pdf",),
    "text/plain": ("txt", "text", "log"),
    "text/csv": ("csv",),
    "text/html": ("html", "htm"),
    "text/vcard": ("vcf", "vcard"),
    "text/calendar": ("ics",),
    "text/markdown": ("md",),
    "application/json": ("json",),
    "application/xml": ("xml",),
    "application/rtf": ("rtf",),
    "application/msword": ("doc",),
    "application/vnd.ms-excel": ("xls",),
    "application/vnd.ms-powerpoint": ("ppt",),
    f"{OFFICE}wordprocessingml.document": ("docx",),
    f"{OFFICE}spreadsheetml.sheet": ("xlsx",),
    f"{OFFICE}presentationml.presentation": ("pptx",),
    f"{OPEN}text": ("odt",),
    f"{OPEN}spreadsheet": ("ods",),
    f"{OPEN}presentation": ("odp",),
    "application/zip": ("zip",),
    "application/gzip": ("gz",),
    "application/vnd.rar": ("rar",),
    "application/x-7z-compressed": ("7z",),
    "application/x-tar": ("tar",),
    "application/epub+zip": ("epub",),
    "application/vnd.android.package-archive": ("apk",),
    "application/vnd.apple.pkpass": ("pkpass",),
}
ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "audio/opus": "audio/ogg",  # in practice always in an Ogg file
    "application/ogg": "audio/ogg",
    "audio/x-opus+ogg": "audio/ogg",
    "audio/mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/mpga": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/mp4a-latm": "audio/mp4",
    "audio/x-aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "audio/amr-nb": "audio/amr",
    "audio/amr-wb": "audio/amr",
    "audio/3gpp": "video/3gpp",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "video/x-m4v": "video/mp4",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
    "text/xml": "application/xml",
    "text/rtf": "application/rtf",
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": "application/zip",
    "application/x-rar-compressed": "application/vnd.rar",
}
TYPES = {ending: mime_type for mime_type, endings in ENDINGS.items() for ending in endings}
# Signatures at the beginning of files; those at offset 4 or 8 are handled below.
BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"caff", "audio/x-caf"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
BRANDS = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime", b"heic": "image/heic"}
ENDING = re.compile(r"\.([A-Za-z0-9]{1,10})$")
LETTER = re.compile(r"[A-Za-z]")


def normalise_type(mime_type: str) -> str:
    """Return a media type without parameters, in lower case and in its usual spelling."""
    found = mime_type.split(";", 1)[0].strip().lower()
    return ALIASES.get(found, found)


def extension_of(mime_type: str) -> str:
    """Return the extension of a media type, with its dot; ".bin" when the table does not know the type."""
    endings = ENDINGS.get(normalise_type(mime_type))
    return f".{endings[0]}" if endings else ".bin"


def type_of(name: str) -> str:
    """Return the media type of a file name; "" when the table does not know its extension."""
    found = ENDING.search(name.strip())
    return TYPES.get(found.group(1).lower(), "") if found else ""


def has_extension(name: str) -> bool:
    """Return whether a file name has an extension of any type; False for "page 1.2"."""
    found = ENDING.search(name.strip())
    return found is not None and LETTER.search(found.group(1)) is not None


def type_of_content(content: bytes) -> str:
    """Return the media type by the first bytes of a file; "" when they say nothing."""
    for beginning, mime_type in BEGINNINGS:
        if content.startswith(beginning):
            return mime_type
    if content.startswith(b"RIFF"):
        return RIFF.get(content[8:12], "")
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return BRANDS.get(brand, "video/3gpp" if brand.startswith(b"3g") else "video/mp4")
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return "audio/aac" if content[1] & 0x06 == 0 else "audio/mpeg"  # ADTS has no layer, MPEG audio has one
    return ""


def best_type(*said: str, content: bytes = b"") -> str:
    """Return the first media type that says more than "a file", else the type of the content, else the first one."""
    plain = [normalise_type(mime_type) for mime_type in said]
    told = next((mime_type for mime_type in plain if mime_type not in GENERIC), "")
    return told or type_of_content(content) or next(filter(None, plain), "")


def with_extension(name: str, mime_type: str) -> str:
    """Return the file name, with the extension of its type when it has none, so that computers can open the file."""
    ending = extension_of(mime_type)
    return name if type_of(name) or ending == ".bin" else f"{name}{ending}"
