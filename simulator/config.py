"""The file `manage.py load_demo` writes: where the product is, and its channels with their secrets."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

PROVIDERS = ("meta", "dialog360", "evolution", "twilio", "imessage")


@dataclass(frozen=True, kw_only=True)
class ChannelEntry:
    """One of the product's channels, as far as the outside world knows it."""

    provider: str
    external_id: str
    webhook_url: str
    name: str = ""
    tenant: str = ""
    display: str = ""
    token: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    owner: tuple[str, ...] = ()

    def secret(self, name: str) -> str:
        """Return a credential, empty when the channel has none of that name."""
        return str(self.credentials.get(name) or "")

    @property
    def number(self) -> str:
        """The channel's own digits."""
        return "".join(filter(str.isdigit, self.display or self.external_id))


@dataclass(frozen=True, kw_only=True)
class ProductConfig:
    """Everything the file says; `problem` is a sentence for people when it says nothing usable."""

    product_url: str = "http://127.0.0.1:8000"
    channels: tuple[ChannelEntry, ...] = ()
    n8n: Mapping[str, str] = field(default_factory=dict)
    core: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    def channel(self, external_id: str, provider: str = "") -> ChannelEntry | None:
        """Find a channel by the id its provider knows it by."""
        found = (c for c in self.channels if c.external_id == external_id and provider in ("", c.provider))
        return next(found, None)

    def of(self, provider: str) -> list[ChannelEntry]:
        """All channels of one provider."""
        return [channel for channel in self.channels if channel.provider == provider]


class ConfigFile:
    """Reads the file again whenever it changed, so that new channels need no restart."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._config = ProductConfig(problem=f"{path} does not exist yet.")

    def current(self) -> ProductConfig:
        """Return what the file says now."""
        try:
            stat = self.path.stat()
        except OSError:
            return self._config
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp != self._stamp:
            with self._lock:
                self._config, self._stamp = self._read(), stamp
        return self._config

    def _read(self) -> ProductConfig:
        try:
            config = parse(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            return ProductConfig(problem=f"{self.path} cannot be read: {problem!r}.")
        return config if config.channels else replace(config, problem=f"{self.path} names no channels yet.")


def parse(data: dict[str, Any]) -> ProductConfig:
    """Turn the file's JSON into a Config; unknown names are ignored."""
    channels = tuple(_channel(item) for item in data.get("channels") or [])
    return ProductConfig(
        product_url=str(data.get("product_url") or "http://127.0.0.1:8000").rstrip("/"),
        channels=channels,
        n8n=data.get("n8n") or {},
        core=data.get("core") or {},
    )


def _channel(item: dict[str, Any]) -> ChannelEntry:
    if item["provider"] not in PROVIDERS:
        raise ValueError(f"unknown provider {item['provider']}")
    texts = {name: str(item.get(name) or "") for name in ("name", "tenant", "display", "token")}
    return ChannelEntry(
        provider=item["provider"],
        external_id=str(item["external_id"]),
        webhook_url=item["webhook_url"],
        credentials=item.get("credentials") or {},
        owner=tuple(item.get("owner") or ()),
        **texts,
    )
