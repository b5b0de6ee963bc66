"""A cloud of its own: the real daemon with simulated machines, a sandbox registry and a real name server."""

import email
import email.policy
import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from .patience import eventually

# So that names that are bought are invoiced.
SELLER = {
    "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd",
    "CAIPORT_SELLER_ABN": "51 824 753 556",
    "CAIPORT_SELLER_ADDRESS": "1 Sample Street; Sydney NSW 2000",
    "CAIPORT_SELLER_EMAIL": "billing@cloud.test",
}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, by UDP and by TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            try:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                    datagrams.bind(("127.0.0.1", port))
                    return port
            except OSError:
                continue


class Daemon:
    """`caiportd serve` in a folder of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        self.data = folder / "data"
        self.name_port = free_port()
        self._program = program
        self._log = (folder / "daemon.log").open("w+b")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CAIPORT_")}
        self._environment = {**kept, **SELLER}
        self._child = subprocess.Popen(
            [
                # Letters have links only where the port is known from the start.
                program, "serve", "--data-dir", str(self.data), "--listen", f"127.0.0.1:{free_port()}",
                # Long enough to be seen on its way.
                "--compute", "simulated", "--simulated-boot-ms", "2500",
                "--dns", "powerdns", "--dns-listen", f"127.0.0.1:{self.name_port}",
                # All these visitors have one address.
                "--rate-limits", "off", "--drain-grace-ms", "200", "--log-level", "notice",
            ],  # fmt: skip
            env=self._environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd=folder,
        )  # fmt: skip
        self.url = f"http://{self._address()}"

    def _address(self) -> str:
        """Where it listens, once it does."""
        file = self.data / "listen"

        def written() -> str | None:
            if self._child.poll() is not None:
                raise RuntimeError(f"the daemon ended with {self._child.returncode}:\n{self.log()}")
            return file.read_text().strip() if file.exists() else None

        return eventually(f"the daemon listens; it said: {self.log()}", written)

    def log(self) -> str:
        return Path(self._log.name).read_text(errors="replace")

    def admin(self, *arguments: str) -> dict[str, Any]:
        """What `caiportd admin` answers."""
        run = subprocess.run(
            [self._program, "admin", *arguments, "--data-dir", str(self.data), "--json"],
            env=self._environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if run.returncode != 0:
            raise RuntimeError(f"caiportd admin {' '.join(arguments[:2])}: {run.stderr}")
        answer: dict[str, Any] = json.loads(run.stdout)
        return answer

    def link(self, recipient: str, path: str) -> str:
        """The link to `path` in the letter that somebody gets."""
        return eventually(f"a letter to {recipient} leads to {path}", lambda: self._link(recipient, path))

    def _link(self, recipient: str, path: str) -> str | None:
        for file in (self.data / "outbox").glob("*.eml"):
            letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = letter.get_body(("plain",)) if isinstance(letter, email.message.EmailMessage) else None
            if body is None or recipient not in str(letter["To"]):
                continue
            found = re.search(rf"{re.escape(self.url)}{re.escape(path)}\?\S+", body.get_content())
            if found:
                return found.group()
        return None

    def answers(self, name: str, kind: str = "A") -> list[str]:
        """What its name server answers to `dig`."""
        run = subprocess.run(
            ["dig", "@127.0.0.1", "-p", str(self.name_port), "+short", "+norecurse", "+time=2", name, kind],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
        return sorted(run.stdout.split())

    def end(self) -> None:
        """Asks it to end, and waits until it has; its name server ends with it."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(30)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._log.close()
