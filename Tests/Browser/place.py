"""What all scenes share: one cloud, its windows, and where things are kept."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from .daemon import Daemon
from .report import Report, Test
from .tenant import Tenant, furnish, open_account
from .window import Window

# Nobody who signed in, who did so for the first time, who has everything, who runs it all.
VISITORS = ["nobody", "newcomer", "customer", "operator"]


# At full size: more widths, more of the hostile.
IS_PROOF = os.environ.get("CAIPORT_PROOF") == "1"


class Place:
    def __init__(self, program: str, folder: Path, failures: Path, pictures: Path | None) -> None:
        """folder: gone with the run. failures, pictures: kept."""
        self.folder = folder
        self.report = Report()
        self._failures = failures
        self._pictures = pictures
        self._windows: list[Window] = []
        self._opened = 0
        self._tenants: dict[str, Tenant | None] = {}
        self.daemon = Daemon(program, folder)

    def window(self, width: int, *, scripts: bool = True) -> Window:
        # A short name: Chromium's sockets stand below it, whose paths have at most 107 letters.
        self._opened += 1
        window = Window(self.daemon.url, self.folder / f"w{self._opened}", width, scripts=scripts)
        self._windows.append(window)
        return window

    def tenant(self, visitor: str) -> Tenant | None:
        """Who signs in as this visitor; made when first asked for."""
        if visitor not in self._tenants:
            self._tenants[visitor] = self._made(visitor)
        return self._tenants[visitor]

    def _made(self, visitor: str) -> Tenant | None:
        email = f"{visitor}@example.com"
        match visitor:
            case "newcomer":
                return open_account(self.daemon, email, may_buy=False)
            case "customer":
                return furnish(self.daemon, self.folder, email, "a-customers-name.com")
            case "operator":
                tenant = furnish(self.daemon, self.folder, email, "an-operators-name.com")
                self.daemon.admin("make-operator", "--account", email)
                return tenant
            case _:
                return None

    def test(self, name: str, window: Window) -> AbstractContextManager[Test]:
        """A test whose issues are kept as this window shows them."""

        def evidence(issue: str) -> str:
            self._failures.mkdir(parents=True, exist_ok=True)
            return window.evidence(self._failures, issue)

        return self.report.test(name, evidence)

    def picture(self, window: Window, name: str) -> None:
        """Keeps a good page, where that is asked for."""
        if self._pictures is not None:
            window.picture(self._pictures / f"{name}-{window.width}.png")

    @contextmanager
    def scene(self) -> Iterator[None]:
        """Closes the windows that were opened in it."""
        try:
            yield
        finally:
            while self._windows:
                self._windows.pop().close()

    def close(self) -> None:
        try:
            with self.scene():
                pass
        finally:
            self.daemon.end()
