"""From the landing page to a server, a name and an invoice, by mouse and keyboard alone."""

from pathlib import Path

from . import acts
from .daemon import Daemon
from .patience import eventually
from .place import Place


class Quickstart:
    """One customer's way at one width. Each step stands on the one before."""

    def __init__(self, place: Place, width: int) -> None:
        self._place = place
        self._width = width
        self._daemon: Daemon = place.daemon
        self._window = place.window(width)
        self._customer = acts.Customer(f"customer-{width}@example.com")
        self._server = f"my-app-{width}"
        self._domain = f"mybusiness{width}.com"
        self._key = ""
        self._folder: Path = place.folder

    def play(self) -> None:
        steps = [
            ("signUpByTheLetter", self._sign_up), ("payByInvoice", self._pay), ("addAnSSHKey", self._add_ssh_key),
            ("createAnAPIKey", self._create_key), ("deployByTheCallShown", self._deploy),
            ("stopAndStart", self._stop_and_start), ("resize", self._resize), ("buyAndConnectADomain", self._domain_steps),
            ("readTheInvoice", self._read_invoice), ("destroyByTheTypedName", self._destroy), ("signOut", self._sign_out),
        ]  # fmt: skip
        for name, step in steps:
            with self._place.test(f"Quickstart/{name}({self._width})", self._window) as test:
                step()
                complaints = self._window.complaints()
                test.expect(not complaints, "the browser's console complains:\n" + "\n".join(complaints))

    def _picture(self, name: str) -> None:
        self._place.picture(self._window, name)

    def _sign_up(self) -> None:
        self._window.open("/")
        self._picture("landing")
        acts.sign_up(self._window, self._daemon, self._customer)
        self._picture("home-new")

    def _pay(self) -> None:
        acts.pay_by_invoice(self._window)
        self._picture("payment")

    def _add_ssh_key(self) -> None:
        acts.add_ssh_key(self._window, acts.make_ssh_key(self._folder, f"laptop-{self._width}"))
        self._picture("ssh-keys")

    def _create_key(self) -> None:
        self._key = acts.create_key(self._window, "laptop")
        if not self._key.startswith("aisk_live_"):
            raise AssertionError(f"no key: {self._key}")
        self._picture("keys")

    def _deploy(self) -> None:
        call = acts.shown_call(self._window, self._server)
        self._picture("deploy")
        made = acts.curl(call, self._key, self._folder)
        acts.open_server(self._window, self._server)
        if made["id"] not in self._window.text():
            raise AssertionError(f"the page does not name {made['id']}")
        # Lost when anything loads the page again.
        self._window.run("window.isTheSamePage = true")
        acts.turns(self._window, "Running")
        if self._window.run("return window.isTheSamePage") is not True:
            raise AssertionError("the page was loaded anew to show that the server runs")
        self._picture("server")
        self._window.follow("Servers")
        self._picture("servers")

    def _stop_and_start(self) -> None:
        acts.open_server(self._window, self._server)
        self._window.press("Stop")
        acts.turns(self._window, "Stopped")
        self._window.press("Start")
        acts.turns(self._window, "Running")

    def _resize(self) -> None:
        acts.open_server(self._window, self._server)
        before = self._plan()
        self._window.choose("New plan", "")
        self._window.press("Resize and reboot")
        self._window.until("it has the new plan", lambda: self._plan() != before)
        acts.turns(self._window, "Running")

    def _plan(self) -> str:
        return self._window.find("//dt[.='Plan']/following-sibling::dd[1]").text

    def _domain_steps(self) -> None:
        acts.open_server(self._window, self._server)
        address = acts.address(self._window)
        acts.buy_domain(self._window, self._domain)
        self._picture("domains")
        acts.connect_domain(self._window, self._domain, self._server)
        self._picture("domain")
        for name in (self._domain, f"www.{self._domain}"):
            eventually(f"{name} is answered with {address}", lambda name=name: self._daemon.answers(name) == [address])

    def _read_invoice(self) -> None:
        """Names are invoiced when they are had, months when they are over: here it is the name's."""
        window = self._window
        window.follow("Billing")
        self._picture("billing")
        number = window.read("td[data-label='Number'] a")
        window.follow(number)
        window.until("it is the invoice's page", lambda: window.read("h1") == f"Invoice {number}")
        for words in (self._domain, "A$21.95", "GST in it"):
            window.see(words)
        self._picture("invoice")
        window.follow("Billing")
        window.follow("Every charge, to the second")
        window.see(self._server)
        self._picture("charges")

    def _destroy(self) -> None:
        window = self._window
        acts.open_server(window, self._server)
        window.unfold("Destroy this server")
        window.fill(f"Type {self._server} to destroy it", "another")
        window.press(f"Destroy {self._server}")
        window.see("s not the name of this server")
        acts.destroy(window, self._server)
        eventually("its address is answered no more", lambda: not self._daemon.answers(f"www.{self._domain}"))

    def _sign_out(self) -> None:
        acts.sign_out(self._window)
        self._window.open("/home")
        self._window.at("/signin")
