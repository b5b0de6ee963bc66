"""An account that has everything that pages can show."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import acts
from .calls import API
from .daemon import Daemon
from .patience import eventually


@dataclass(frozen=True)
class Tenant:
    customer: acts.Customer
    account: str
    api: API


def open_account(daemon: Daemon, email: str, *, may_buy: bool = True) -> Tenant:
    """An account that the operator made."""
    flags = ["--payment-method"] if may_buy else []
    made = daemon.admin("create-account", "--email", email, "--password", acts.PASSWORD, *flags)
    return Tenant(acts.Customer(email), made["account_id"], API(daemon.url, made["api_key"]))


def furnish(daemon: Daemon, folder: Path, email: str, domain: str) -> Tenant:
    """One with servers in several states, a name with records and a history, keys and an invoice."""
    tenant = open_account(daemon, email)
    api = tenant.api
    daemon.admin("billing-details", "set", "--account", email, "--name", "Example Pty Ltd", "--address", "2 Road; Perth")
    api("POST", "/v1/ssh-keys", {"name": "laptop", "public_key": acts.make_ssh_key(folder, email.split("@")[0])})
    # The name is as long as one may be, without a place to break it.
    servers = [_deploy(api, name) for name in ("web-1", "w" * 60, "gone")]
    for server in servers:
        eventually(f"{server} runs", lambda server=server: _state(api, server) == "running")
    api("POST", f"/v1/servers/{servers[1]}/actions", {"action": "stop"})
    api("DELETE", f"/v1/servers/{servers[2]}")
    _name(api, domain, servers[0])
    number = eventually(f"{domain} is invoiced", lambda: _invoices(api))[0]["number"]
    daemon.admin("invoices", "adjust", "--invoice", str(number), "--cents", "50", "--reason", "An outage")
    return tenant


def _invoices(api: API) -> list[dict[str, Any]]:
    invoices: list[dict[str, Any]] = api("GET", "/v1/invoices")
    return invoices


def _deploy(api: API, name: str) -> str:
    order = {"plan": "standard", "region": "ap-southeast-2", "image": "debian-12", "name": name}
    identifier: str = api("POST", "/v1/servers", order)["id"]
    return identifier


def _state(api: API, server: str) -> str:
    state: str = api("GET", f"/v1/servers/{server}")["state"]
    return state


def _name(api: API, domain: str, server: str) -> None:
    """A name with records, connected to a server."""
    identifier = api("POST", "/v1/domains", {"domain": domain, "years": 1})["id"]
    path = f"/v1/domains/{identifier}"
    eventually(f"{domain} is active", lambda: api("GET", path)["status"] == "active")
    api("POST", f"{path}/connect", {"server_id": server})
    for record in (
        {"name": "@", "type": "MX", "value": "mail.example.com", "priority": 10},
        {"name": "_dmarc", "type": "TXT", "value": "v=DMARC1; p=none; rua=mailto:" + "x" * 180 + "@example.com"},
    ):
        api("POST", f"{path}/dns", record)
