"""Says whether a container of the stack is well: `web` by its own port, others by their check on the health page."""

import json
import os
import sys
import urllib.error
import urllib.request

PATIENCE_SECONDS = 6


def main(name: str) -> int:
    """Return 0 when the part is well."""
    if name == "web":
        port = os.environ.get("PORT", "8000")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE_SECONDS):
            return 0
    request = urllib.request.Request("http://web:8000/health", headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            page = json.load(answer)
    except urllib.error.HTTPError as error:  # 503 carries the same page
        page = json.load(error)
    check = page["checks"][name]
    print(check)
    return 0 if check["status"] == "ok" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
