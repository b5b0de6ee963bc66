"""The public API, as a customer's program calls it, and pages as a browser asks for them."""

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

# Whatever stands in this process's environment, nobody is asked on the way to 127.0.0.1.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    status: int
    # Where it came from, after redirects.
    url: str
    kind: str
    body: bytes


def ask(request: urllib.request.Request) -> Answer:
    """Any answer, whatever its status."""
    try:
        with _OPENER.open(request, timeout=60) as answer:
            return _answer(answer.status, answer.url, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.url, error.headers, error.read())


def _answer(status: int, url: str, headers: http.client.HTTPMessage, body: bytes) -> Answer:
    return Answer(status, url, headers.get_content_type(), body)


class API:
    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def __call__(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the answer has under `data`. Raises when it is a refusal."""
        request = urllib.request.Request(
            self._url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )  # fmt: skip
        answer = ask(request)
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body.decode(errors='replace')}")
        return json.loads(answer.body)["data"]
