"""What a customer does with the pages, each as one would, from the page that leads there."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .daemon import Daemon
from .window import Window

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Customer:
    email: str
    password: str = PASSWORD


def sign_up(window: Window, daemon: Daemon, customer: Customer) -> None:
    """From the landing page to being signed in, by the link of the letter."""
    window.open("/")
    window.follow("Create an account")
    window.fill("E-mail address", customer.email)
    window.fill("Password", customer.password)
    window.press("Create an account")
    window.see("Look into your mailbox")
    window.open(daemon.link(customer.email, "/confirm"))
    window.fill("The password you chose", customer.password)
    window.press("Confirm and sign in")
    window.at("/home")
    window.see("Your address is confirmed")


def sign_in(window: Window, customer: Customer) -> None:
    window.open("/signin")
    window.fill("E-mail address", customer.email)
    window.fill("Password", customer.password)
    window.press("Sign in")


def sign_out(window: Window) -> None:
    window.press("Sign out")
    window.see("You are signed out.")


def pay_by_invoice(window: Window) -> None:
    window.follow("Home")
    window.follow("Say how you pay")
    window.fill("Name or company", "Example Pty Ltd")
    window.fill("Address", "2 Sample Road\nPerth WA 6000")
    window.press("Pay by invoice")
    window.see("Everything is set: this account may deploy.")


def make_ssh_key(folder: Path, comment: str) -> str:
    """A new key's public line."""
    file = folder / f"key-{comment}"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(file)]
    subprocess.run(command, check=True, timeout=30)
    return file.with_suffix(".pub").read_text().strip()


def add_ssh_key(window: Window, line: str) -> None:
    window.follow("SSH keys")
    window.fill("Public key", line)
    window.press("Add the key")
    window.see("The key is added")


def create_key(window: Window, name: str) -> str:
    """The key, read where it is shown this once."""
    window.follow("API keys")
    window.fill("Name", name)
    window.press("Create a key")
    return window.read("code[data-copy='the key']")


def curl(call: str, key: str, folder: Path) -> dict[str, str]:
    """Runs a call as the page shows it, in a shell that knows the key; answers the server that it made."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    run = subprocess.run(
        ["sh", "-c", call], env={**kept, "CAIPORT_KEY": key}, cwd=folder, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    answer = json.loads(run.stdout)
    if "data" not in answer:
        raise AssertionError(f"the call that the page shows is refused: {run.stdout}")
    server: dict[str, str] = answer["data"]
    return server


def shown_call(window: Window, name: str) -> str:
    """The call that the order's page shows for a server of this name."""
    window.follow("Servers")
    window.follow("Deploy a server" if "No servers yet" not in window.text() else "Deploy your first server")
    window.fill("Name", name)
    window.unfold("The same with curl")
    return window.until("the call names the server", lambda: _named(window.read("#order-call"), name))


def _named(call: str, name: str) -> str | None:
    return call if f'"name":"{name}"' in call else None


def open_server(window: Window, name: str) -> None:
    window.follow("Servers")
    window.follow(name)
    window.until("it is the server's page", lambda: window.read("h1") == name)


def state(window: Window) -> str:
    return window.read("[data-part='server'] .state")


def turns(window: Window, words: str) -> None:
    """Waits until the page says so, without loading it again."""
    window.until(f"the server is {words}", lambda: state(window) == words)


def address(window: Window) -> str:
    """Where the server's page says it is reached."""
    line = window.read("[data-copy='the ssh line']")
    found = re.search(r"@(127\.[0-9.]+)$", line)
    if found is None:
        raise AssertionError(f"no address in {line}")
    return found.group(1)


def destroy(window: Window, name: str) -> None:
    open_server(window, name)
    window.unfold("Destroy this server")
    window.fill(f"Type {name} to destroy it", name)
    window.press(f"Destroy {name}")
    window.see("The server is destroyed.")


def buy_domain(window: Window, name: str) -> None:
    """Until the list says that it is answered."""
    window.follow("Domains")
    window.fill("Find a name", name)
    window.press("Look")
    window.see(f"{name} can be yours")
    window.press(f"Buy {name}")
    window.until("it is the name's page", lambda: window.read("h1") == name)
    window.follow("Domains")
    window.until("the name is active", lambda: "Active" in window.text())


def connect_domain(window: Window, name: str, server: str) -> None:
    window.follow("Domains")
    window.follow(name)
    window.choose("Server", server)
    window.press("Connect")
    window.see("The name points to your server")
