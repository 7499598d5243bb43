"""Plain HTTP requests to the sandbox, answered in any way."""

import urllib.error
import urllib.request


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Send bytes, or ask; gives the status and the body."""
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
