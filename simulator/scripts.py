"""Answers queued for the fake model and the fake n8n."""

import threading
from collections import deque
from typing import Any

PROVIDERS = ("openai", "anthropic", "n8n", "transcription")


class Scripts:
    """One queue per provider; an endless answer ("loop") stays at its head."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, deque[dict[str, Any]]] = {name: deque() for name in PROVIDERS}

    def add(self, provider: str, answers: list[Any]) -> int:
        """Queue answers; returns how many wait. A plain string is the answer's text."""
        if provider not in self._queues:
            raise ValueError(f"provider must be one of {', '.join(PROVIDERS)}")
        with self._lock:
            queue = self._queues[provider]
            queue.extend({"text": item} if isinstance(item, str) else dict(item) for item in answers)
            return len(queue)

    def next(self, provider: str) -> dict[str, Any] | None:
        """Take the next answer, None when nothing is scripted."""
        queue = self._queues[provider]
        if not queue:
            return None
        with self._lock:
            if queue and queue[0].get("loop"):
                return queue[0]
            return queue.popleft() if queue else None

    def waiting(self) -> dict[str, int]:
        """How many answers wait per provider."""
        return {name: len(queue) for name, queue in self._queues.items()}

    def clear(self) -> None:
        """Go back to the default answers."""
        with self._lock:
            for queue in self._queues.values():
                queue.clear()
