"""Every page that can be reached: by axe-core, in both colour schemes, and by what every page owes its visitors."""

import importlib.resources
from typing import Any
from urllib.parse import urlsplit

from . import acts
from .crawl import Crawl, shape
from .place import Place
from .report import Test
from .window import Window

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Of a whole page as it is sent.
LARGEST = 60_000

AUDIT = """
  const done = arguments[arguments.length - 1];
  axe.run(document, {runOnly: {type: "tag", values: arguments[0]}, resultTypes: ["violations"]}).then(
    (result) => done(result.violations.flatMap((rule) => rule.nodes.map((node) => ({
      rule: rule.id, help: rule.help, target: node.target.join(" "), html: node.html, summary: node.failureSummary })))),
    (error) => done([{rule: "axe", help: String(error), target: "", html: "", summary: ""}]));
"""

FACTS = """
  const root = document.documentElement;
  const wide = [...document.querySelectorAll("body *")].filter((element) => {
    const box = element.getBoundingClientRect();
    const isOpen = getComputedStyle(element).overflowX === "visible";
    return box.width > 1 && box.left + Math.max(box.width, isOpen ? element.scrollWidth : 0) > innerWidth + 0.5;
  }).slice(-3).map((element) => element.outerHTML.slice(0, 160));
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    headings: document.querySelectorAll("h1").length, title: document.title, language: root.lang,
    size: performance.getEntriesByType("navigation")[0].decodedBodySize,
    overflow: root.scrollWidth - innerWidth, wide, requests: entries.map((entry) => entry.name) };
"""

# Where letters lead, and what follows a form: no page links to these.
VISITOR_STARTS = [
    "/", "/home", "/signup/sent", "/forgotten/sent", "/confirm", "/confirm?token=none", "/reset", "/reset?token=none",
    "/email", "/email?token=none", "/signin?done=out",
]  # fmt: skip
CUSTOMER_STARTS = [
    "/", "/home", "/home?done=confirmed", "/servers?done=destroyed", "/servers?search=none", "/domains?done=deleted",
    "/domains/new?name=another-name.com", "/domains/new?name=taken.com", "/keys?done=again",
    "/payment?done=set", "/account?done=ended", "/billing/charges?month=2026-01",
    "/audit", "/audit?about=server",
]  # fmt: skip
# What the menus and pages have to lead to, so that nobody has to know an address.
LINKED_PAGES = [
    "/home", "/servers", "/servers/new", "/servers/{id}", "/domains", "/domains/{id}", "/domains/{id}/history",
    "/domains/{id}/import", "/domains/{id}/check", "/billing", "/billing/charges", "/invoices/{id}", "/ssh-keys", "/keys",
    "/payment", "/account", "/account/two-factor", "/audit",
]  # fmt: skip
# What answers with another status, and is a page all the same.
REFUSED = ["/nothing-like-this"]
CUSTOMER_REFUSED = ["/domains/new?name=wrong", "/servers/sv_0000000000000000", "/invoices/inv_0000000000000000"]
# Forms that are refused when they are sent empty, each with the page it stands on.
VISITOR_FORMS = [("/signin", "/signin"), ("/signup", "/signup"), ("/forgotten", "/forgotten"), ("/reset", "/reset")]
CUSTOMER_FORMS = [
    ("/ssh-keys", "/ssh-keys"), ("/keys", "/keys"), ("/payment", "/payment"), ("/account", "/account/email"),
    ("/account", "/account/password"), ("/account", "/account/close"), ("/servers/{id}", "/servers/{id}/destroy"),
    ("/domains/{id}", "/domains/{id}/records"), ("/domains/{id}", "/domains/{id}/delete"),
    ("/domains/{id}/import", "/domains/{id}/import"), ("/domains/registrant", "/domains/registrant"),
    ("/account/two-factor", "/account/two-factor/begin"), ("/account/two-factor", "/account/two-factor"),
]  # fmt: skip
SEND_EMPTY = """
  const form = [...document.forms].find((one) => one.getAttribute("action") === arguments[0]);
  if (!form) return false;
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) field.value = "";
  HTMLFormElement.prototype.submit.call(form);
  return true;
"""
OPERATOR_PAGES = ["/operator", "/operator/accounts", "/operator/accounts/{id}", "/operator/catalogue", "/operator/log"]


def axe() -> str:
    return importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()


class Accessibility:
    """The pages as one kind of visitor sees them, at one width."""

    def __init__(self, place: Place, width: int, visitor: str) -> None:
        """visitor: nobody, newcomer, customer or operator."""
        self._place = place
        self._visitor = visitor
        self._tenant = place.tenant(visitor)
        self._width = width
        self._axe = axe()
        self._window: Window = place.window(width)
        # One address of each kind.
        self._pages: dict[str, str] = {}

    def play(self) -> None:
        if self._tenant is not None:
            with self._place.test(f"Accessibility/{self._visitor}SignsIn({self._width})", self._window):
                acts.sign_in(self._window, self._tenant.customer)
                self._window.at("/home")
        crawl = Crawl(self._window, VISITOR_STARTS if self._tenant is None else CUSTOMER_STARTS)
        while (address := crawl.next()) is not None:
            self._pages.setdefault(shape(address).split("?")[0], address)
            name = f"Accessibility/{self._visitor}{shape(address)}({self._width})"
            with self._place.test(name, self._window) as test:
                self._window.open(address)
                self._judge(test)
                crawl.look()
        self._judge_crawl(crawl)
        for page, action in {"nobody": VISITOR_FORMS, "customer": CUSTOMER_FORMS}.get(self._visitor, []):
            with self._place.test(f"Accessibility/{self._visitor}SendsEmpty{action}({self._width})", self._window) as test:
                self._send_empty(test, page, action)
        with self._place.test(f"Accessibility/{self._visitor}IsToldWhatIsRefused({self._width})", self._window) as test:
            for address in REFUSED if self._tenant is None else REFUSED + CUSTOMER_REFUSED:
                self._window.open(address)
                self._judge(test)
        if self._tenant is None:
            self._plant()

    def _send_empty(self, test: Test, page: str, action: str) -> None:
        """The page with what is wrong beside its fields; or, of a form that nothing is wrong with, the page it leads to."""
        address = self._pages[page]
        self._window.open(address)
        before = self._window.find("//html")
        identifier = urlsplit(address).path.removeprefix(page.split("{id}")[0]).split("/")[0]
        sent = self._window.run(SEND_EMPTY, action.replace("{id}", identifier))
        test.expect(sent, f"{page} has no form for {action}")
        if sent:
            self._window.until("the form is answered", lambda: before != self._window.find("//html"))
            self._judge(test)

    def _plant(self) -> None:
        """That faults are found where there are some."""
        with self._place.test(f"Accessibility/plantedFaultsAreFound({self._width})", self._window) as test:
            self._window.open("/signin")
            self._window.run(self._axe)
            self._window.run(
                "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/assets/none\"><p>none</p>');"
                "const last = document.querySelector('main').lastElementChild;"
                "last.style.cssText = 'color: #ccc; background: #fff; width: 3000px'"
            )
            found = {violation["rule"] for violation in self._window.driver.execute_async_script(AUDIT, RULES)}
            test.expect({"image-alt", "color-contrast"} <= found, f"axe finds only {found}")
            test.expect(self._window.run(FACTS)["overflow"] > 0, "what is too wide is not noticed")
            self._window.scheme("dark")
            dark = self._window.run("return matchMedia('(prefers-color-scheme: dark)').matches")
            test.expect(dark is True, "the page is not told that it is dark")
            self._window.scheme("light")

    def _judge_crawl(self, crawl: Crawl) -> None:
        with self._place.test(f"Accessibility/noLinkOf-{self._visitor}-isDead({self._width})", self._window) as test:
            for fault in crawl.faults:
                test.issue(fault)
            for page in self._expected():
                test.expect(page in crawl.linked, f"no page links to {page}")

    def _expected(self) -> list[str]:
        match self._visitor:
            case "customer":
                return LINKED_PAGES
            case "operator":
                return OPERATOR_PAGES
            case _:
                return []

    def _judge(self, test: Test) -> None:
        """The page in the window."""
        facts: dict[str, Any] = self._window.run(FACTS)
        test.expect(facts["headings"] == 1, f"it has {facts['headings']} h1")
        test.expect(bool(facts["title"].strip()) and bool(facts["language"]), "it has no title or no language")
        test.expect(facts["size"] < LARGEST, f"it has {facts['size']} bytes")
        test.expect(facts["overflow"] <= 0, f"it is {facts['overflow']} pixels too wide:\n" + "\n".join(facts["wide"]))
        for request in facts["requests"]:
            test.expect(request.startswith(self._window.url + "/"), f"it asks for {request}")
        complaints = self._window.complaints()
        test.expect(not complaints, "the browser's console complains:\n" + "\n".join(complaints))
        self._window.run(self._axe)
        for scheme in ("light", "dark"):
            self._window.scheme(scheme)
            for violation in self._window.driver.execute_async_script(AUDIT, RULES):
                test.issue(
                    f"{scheme}: {violation['rule']}: {violation['help']}: {violation['target']}\n{violation['html']}\n"
                    f"{violation['summary']}"
                )
        self._window.scheme("light")
