"""Which pages there are, by following links from page to page."""

import re
import urllib.request
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from .calls import Answer, ask
from .window import Window

# What a document leads to, or is made of.
LINKS = """
  const found = [];
  for (const element of document.querySelectorAll("[href]")) found.push(element.getAttribute("href"));
  for (const element of document.querySelectorAll("[src]")) found.push(element.getAttribute("src"));
  for (const form of document.querySelectorAll("form[method=get]")) found.push(form.getAttribute("action"));
  return found;
"""


def shape(address: str) -> str:
    """What pages have in common that differ only in what they are about: /servers/{id}?edit."""
    parts = urlsplit(address)
    path = re.sub(r"/[a-z]{2,5}_[^/]+", "/{id}", parts.path)
    names = "&".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))
    return f"{path}?{names}" if names else path


class Crawl:
    """A visitor's way through all that can be reached."""

    def __init__(self, window: Window, starts: list[str]) -> None:
        self._window = window
        self._waiting = [window.url + start for start in starts]
        self._asked: set[str] = set()
        self._shapes: set[str] = set()
        # What other pages link to.
        self.linked: set[str] = set()
        self.faults: list[str] = []

    def next(self) -> str | None:
        """The address of a page of a kind that was not seen yet, which answers 200."""
        while self._waiting:
            address = self._waiting.pop(0)
            if address in self._asked:
                continue
            self._asked.add(address)
            answer = self._ask(address)
            if answer.status != 200:
                self.faults.append(f"{address} answers {answer.status}")
            elif not answer.url.startswith(self._window.url + "/"):
                self.faults.append(f"{address} leads to {answer.url}")
            elif answer.kind == "text/html" and "?as" not in shape(address) and shape(answer.url) not in self._shapes:
                self._shapes.add(shape(answer.url))
                return answer.url
        return None

    def _ask(self, address: str) -> Answer:
        """As this window's browser would, with its cookies."""
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in self._window.driver.get_cookies())
        return ask(urllib.request.Request(address, headers={"Cookie": cookies, "Accept": "text/html"}))

    def look(self) -> None:
        """Notes what the page in the window leads to."""
        here = self._window.driver.current_url
        for link in self._window.run(LINKS):
            target, fragment = urldefrag(urljoin(here, link))
            if not target.startswith(self._window.url + "/"):
                # Elsewhere nobody is asked; what is no link to a page is a fault.
                if urlsplit(target).scheme not in ("http", "https", "mailto"):
                    self.faults.append(f"{here} links to {link}")
                continue
            if fragment and target == urldefrag(here)[0] and not self._window.run(
                "return !!document.getElementById(arguments[0])", fragment
            ):
                self.faults.append(f"{here} has no #{fragment}")
            self.linked.add(shape(target))
            self._waiting.append(target)
