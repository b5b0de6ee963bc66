"""Text that means harm, in every field and every query parameter: no page that shows it runs it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from . import acts
from .crawl import Crawl, shape
from .place import IS_PROOF, Place
from .report import Test
from .tenant import furnish, open_account
from .window import Window

# The first one is also a record's value, which a leading quotation mark would not be.
TEXTS = ["x\"><img src=x onerror=window.hit=1>", "';window.hit=1;//", "</textarea></title><script>window.hit=1</script>",
         "javascript:window.hit=1"]  # fmt: skip
# All that any page looks at.
PARAMETERS = [
    "name", "search", "state", "region", "plan", "image", "cursor", "month", "about", "edit", "done", "token", "next",
    "limit", "code", "email",
]  # fmt: skip
# What keeps a form from being refused for another field's sake.
GOOD = {
    "name": "plain", "address": "1 Road", "value": "plain", "ttl": "300", "email": "plain@example.com",
    "password": acts.PASSWORD, "new_password": "another good long one", "reason": "none",
}  # fmt: skip

# The fields that take text, form by form; forms without any are left out.
FORMS = """
  return [...document.forms].map((form) => ({action: form.getAttribute("action"), fields:
    [...form.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), textarea")].map((one) => one.name)
  })).filter((form) => form.fields.length > 0);
"""

SEND = """
  const [action, name, values] = arguments;
  const form = [...document.forms].find((one) => one.getAttribute("action") === action && one.elements[name]);
  if (!form) return false;
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (!field.value || value.isHostile) field.value = value.text;
  }
  const type = form.elements["type"];
  if (type) type.value = "TXT";
  // As somebody sends it who minds no rule of the browser's.
  HTMLFormElement.prototype.submit.call(form);
  return true;
"""

# What ran, and what stands in the page as an element though it was meant as text.
HARM = """
  const planted = document.querySelector("img[src=x], [onerror], script:not([src])");
  const links = [...document.querySelectorAll("[href^='javascript:' i], [action^='javascript:' i]")];
  return { ran: window.hit !== undefined, planted: planted && planted.outerHTML,
    links: links.map((link) => link.outerHTML) };
"""


VISITOR_STARTS = ["/", "/signin", "/signup", "/forgotten", "/confirm", "/reset", "/email"]
CUSTOMER_STARTS = [
    "/home", "/audit", "/account/two-factor", "/domains/new?name=a-free-name.com", "/domains/new?name=taken.com",
]  # fmt: skip


# Where text of a customer's own choice is taken as it is, and shown.
KEPT = {
    "customer": ["/keys", "/ssh-keys", "/payment", "/domains/{id}", "/domains/{id}/history", "/audit"],
    "operator": ["/operator/accounts/{id}", "/operator/log"],
}
SHOWN = """
  const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
  return document.body.textContent + fields.join(" ");
"""


@dataclass(frozen=True)
class Field:
    """One field of one form, of which there are several on a page."""

    page: str
    action: str
    name: str
    others: tuple[str, ...]


class Hostility:
    """A customer, or an operator, who means harm."""

    def __init__(self, place: Place, visitor: str) -> None:
        """visitor: nobody, customer or operator."""
        self._place = place
        self._visitor = visitor
        self._customer: acts.Customer | None = None
        self._victim = ""
        if visitor != "nobody":
            tenant = furnish(place.daemon, place.folder, f"hostile-{visitor}@example.com", f"hostile-{visitor}.com")
            self._customer = tenant.customer
        if visitor == "operator":
            place.daemon.admin("make-operator", "--account", tenant.customer.email)
            # Whom the operator's forms are about: who suspends oneself gets no further.
            self._victim = open_account(place.daemon, "victim@example.com").account
        self._keys = 0
        self._window: Window = place.window(1440)
        # What the browser would stop is not to hide that the page would have run it.
        self._window.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        self._pages: dict[str, str] = {}

    def play(self) -> None:
        with self._place.test(f"Hostility/harmIsNoticed({self._visitor})", self._window) as test:
            self._notice(test)
        if self._customer is not None:
            with self._place.test(f"Hostility/browsersName({self._visitor})", self._window) as test:
                self._sign_in_as_a_hostile_browser(self._customer)
                self._judge(test, "the account's page")
        with self._place.test(f"Hostility/eachParameter({self._visitor})", self._window) as test:
            self._pages = self._find_pages()
            if self._victim:
                # The others are those of a customer.
                self._pages = {page: address for page, address in self._pages.items() if page.startswith("/operator")}
                self._pages["/operator/accounts/{id}"] = f"{self._window.url}/operator/accounts/{self._victim}"
            self._try_parameters(test)
        with self._place.test(f"Hostility/eachField({self._visitor})", self._window) as test:
            self._try_fields(test)
        with self._place.test(f"Hostility/whatIsKept({self._visitor})", self._window) as test:
            self._find_pages(test)
            for page in KEPT.get(self._visitor, []):
                self._open(self._pages[page])
                shown = self._window.run(SHOWN)
                test.expect(TEXTS[0] in shown, f"{page} shows nothing of what was kept, so nothing was tried")

    def _notice(self, test: Test) -> None:
        """That what runs is noticed, in spite of the page's policy."""
        self._window.open("/signin")
        self._window.run("document.querySelector('main').innerHTML = arguments[0]", TEXTS[0])
        harm = self._window.until("the planted picture fails", lambda: self._harm_that_ran())
        test.expect(bool(harm["planted"]), "a planted element is not noticed")

    def _harm_that_ran(self) -> dict[str, Any] | None:
        harm: dict[str, Any] = self._window.run(HARM)
        return harm if harm["ran"] else None

    def _sign_in_as_a_hostile_browser(self, customer: acts.Customer) -> None:
        """The list of sessions shows what a browser calls itself."""
        for text in TEXTS[:2]:
            self._window.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": f"Mozilla/5.0 {text}"})
            acts.sign_in(self._window, customer)
            self._window.at("/home")
            self._window.driver.delete_cookie("caiport-session")
        acts.sign_in(self._window, customer)
        self._window.at("/home")
        self._window.open("/account")
        self._window.see(TEXTS[0][:12])

    def _find_pages(self, test: Test | None = None) -> dict[str, str]:
        """One address of each kind of page."""
        pages: dict[str, str] = {}
        crawl = Crawl(self._window, VISITOR_STARTS if self._customer is None else CUSTOMER_STARTS)
        while (address := crawl.next()) is not None:
            self._open(address)
            if test is not None:
                self._judge(test, address)
            pages.setdefault(shape(address).split("?")[0], address)
            crawl.look()
        return pages

    def _open(self, address: str) -> None:
        self._window.driver.get(address)

    def _judge(self, test: Test, where: str) -> None:
        harm = self._window.run(HARM)
        test.expect(not harm["ran"], f"{where}: hostile text ran")
        test.expect(not harm["planted"], f"{where}: hostile text became an element: {harm['planted']}")
        for link in harm["links"]:
            test.issue(f"{where}: a link runs something: {link}")

    def _try_parameters(self, test: Test) -> None:
        for address in self._pages.values():
            bare = f"{self._window.url}{urlsplit(address).path}"
            for text in TEXTS:
                # Together, and at full size each alone as well, for one that is refused hides the others.
                self._try(test, bare + "?" + "&".join(f"{name}={quote(text)}" for name in PARAMETERS))
            for name in PARAMETERS if IS_PROOF else []:
                self._try(test, f"{bare}?{name}={quote(''.join(TEXTS[:3]))}")

    def _try(self, test: Test, address: str) -> None:
        self._open(address)
        self._judge(test, address)

    def _try_fields(self, test: Test) -> None:
        for field in self._fields():
            # A form that has done what it is there for may be gone, such as the one that suspends an account. The first
            # text comes last as well, so that it is what stays where only one does.
            sent = 0
            for text in [*TEXTS, *self._texts_of(field), TEXTS[0]]:
                sent += 1 if self._send(field, text) else 0
                self._judge(test, f"{field.page}, field {field.name}: {text}")
            test.expect(sent > 0, f"{field.page}: no form has {field.name}")

    def _fields(self) -> list[Field]:
        """Each once, though forms such as the one for signing out stand on many pages."""
        found: dict[tuple[str, str], Field] = {}
        for address in self._pages.values():
            self._open(address)
            for form in self._window.run(FORMS):
                for name in form["fields"]:
                    others = tuple(other for other in form["fields"] if other != name)
                    found.setdefault((shape(form["action"]), name), Field(address, form["action"], name, others))
        return list(found.values())

    def _texts_of(self, field: Field) -> list[str]:
        """What harms in this field alone: a key's own comment is its name."""
        return [f"{self._key_line().rsplit(' ', 1)[0]} {TEXTS[0]}"] if field.name == "public_key" else []

    def _key_line(self) -> str:
        """A new key each time, for no account takes one twice."""
        self._keys += 1
        return acts.make_ssh_key(self._place.folder, f"own-{self._visitor}-{self._keys}")

    def _send(self, field: Field, text: str) -> bool:
        """Sends the form with this text in one field; whether it is there."""
        self._open(field.page)
        values: dict[str, dict[str, Any]] = {field.name: {"text": text, "isHostile": True}}
        for other in field.others:
            good = self._key_line() if other == "public_key" else GOOD.get(other)
            if good is not None:
                values[other] = {"text": good, "isHostile": False}
        before = self._window.find("//html")
        if not self._window.run(SEND, field.action, field.name, values):
            return False
        self._window.until("the form is answered", lambda: before != self._window.find("//html"))
        self._window.until("it is loaded", lambda: self._window.run("return document.readyState") == "complete")
        return True
