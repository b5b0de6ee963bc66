"""A browser's window, used as people use it: by what stands on the page, with mouse and keyboard."""

import base64
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException, ElementNotInteractableException, NoSuchElementException,
    StaleElementReferenceException, TimeoutException, WebDriverException,
)  # fmt: skip
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from .patience import LIMIT

Value = TypeVar("Value")

HEIGHTS = {390: 844, 820: 1180, 1440: 900}
# A page that changes while it is looked at is looked at again.
PASSING = (StaleElementReferenceException, NoSuchElementException, ElementClickInterceptedException,
           ElementNotInteractableException)  # fmt: skip


def quoted(text: str) -> str:
    """A text as XPath writes it, which has no escapes."""
    if "'" not in text:
        return f"'{text}'"
    parts = ", \"'\", ".join(f"'{part}'" for part in text.split("'"))
    return f"concat({parts})"


def _options(folder: Path, with_scripts: bool) -> webdriver.ChromeOptions:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in (
        "--headless=new", f"--user-data-dir={folder / 'profile'}", "--disable-dev-shm-usage", "--disable-gpu",
        # Nothing but this machine is asked for, whatever a page or the browser itself has in mind.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
        "--disable-domain-reliability", "--no-default-browser-check", "--lang=en",
    ):  # fmt: skip
        options.add_argument(argument)
    if os.geteuid() == 0:
        # Chromium's own walls need another user than root.
        options.add_argument("--no-sandbox")
    scripts = {} if with_scripts else {"profile.managed_default_content_settings.javascript": 2}
    options.add_experimental_option("prefs", {"credentials_enable_service": False, **scripts})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options


class Window:
    """A Chromium of its own, without anything that another one keeps."""

    def __init__(self, url: str, folder: Path, width: int, *, scripts: bool = True) -> None:
        """folder: where everything goes that the browser writes."""
        self.url = url
        self.width = width
        self._folder = folder
        folder.mkdir(parents=True)
        places = {"HOME": str(folder), "TMPDIR": str(folder), "XDG_CONFIG_HOME": str(folder / "config"),
                  "XDG_CACHE_HOME": str(folder / "cache")}  # fmt: skip
        service = Service(
            "/usr/bin/chromedriver", log_output=str(folder / "driver.log"), env={**os.environ, **places}
        )
        self.driver = webdriver.Chrome(options=_options(folder, scripts), service=service)
        self.driver.set_page_load_timeout(LIMIT)
        self.driver.set_script_timeout(LIMIT)
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": HEIGHTS[width], "deviceScaleFactor": 1, "mobile": False},
        )
        self.scheme("light")

    def scheme(self, name: str) -> None:
        """Light or dark, as the visitor's system has it. Nothing moves, so that no colour is seen on its way."""
        features = [{"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    # What stands there

    def until(self, what: str, condition: Callable[[], Value | None]) -> Value:
        """The first answer that is something. Raises when none comes."""
        wait = WebDriverWait(self.driver, LIMIT, 0.1, ignored_exceptions=PASSING)
        try:
            return wait.until(lambda _: condition())
        except TimeoutException:
            said = " ".join(self.text().split())[:300]
            raise TimeoutException(f"still not so at {self.path}: {what}. It says: {said}") from None

    def find(self, xpath: str) -> WebElement:
        return self.driver.find_element(By.XPATH, xpath)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    @property
    def path(self) -> str:
        return self.driver.current_url.removeprefix(self.url)

    def text(self) -> str:
        """What a visitor reads."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def see(self, words: str) -> None:
        self.until(f"it says “{words}”", lambda: words in self.text())

    def at(self, path: str) -> None:
        self.until(f"it is at {path}", lambda: self.path.split("?")[0] == path)

    def read(self, selector: str) -> str:
        """The text of what a selector names."""
        return self.until(f"{selector} is there", lambda: self.driver.find_element(By.CSS_SELECTOR, selector).text)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """What its console says of errors since it was last asked; a status that is no 200 is none of them."""
        return [
            entry["message"] for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and entry.get("source") != "network"
        ]  # fmt: skip

    # What a visitor does

    def open(self, path: str) -> None:
        """As somebody who types an address."""
        self.driver.get(path if path.startswith("http") else self.url + path)

    def _click(self, xpath: str, what: str) -> None:
        def clicked() -> bool:
            self.find(xpath).click()
            return True

        self.until(f"{what} can be clicked", clicked)

    def _turn(self, xpath: str, what: str) -> None:
        """Clicks what leads to another page, and waits for that."""
        before = self.driver.find_element(By.TAG_NAME, "html")

        def is_gone() -> bool:
            try:
                before.is_enabled()
            except StaleElementReferenceException:
                return True
            except WebDriverException:
                # Asked in the very moment in which the page went.
                return False
            return False

        self._click(xpath, what)
        self.until(f"{what} leads to another page", is_gone)
        self.until("it is loaded", lambda: self.run("return document.readyState") == "complete")

    def follow(self, words: str) -> None:
        """Clicks a link."""
        self._turn(f"//a[normalize-space()={quoted(words)}]", f"the link “{words}”")

    def press(self, words: str) -> None:
        """Clicks a button that sends a form."""
        self._turn(f"//button[normalize-space()={quoted(words)}]", f"the button “{words}”")

    def unfold(self, words: str) -> None:
        self._click(f"//summary[normalize-space()={quoted(words)}]", f"“{words}”")

    def _field(self, label: str) -> WebElement:
        label_element = self.find(f"//label[normalize-space()={quoted(label)}]")
        return self.driver.find_element(By.ID, label_element.get_attribute("for") or "")

    def fill(self, label: str, text: str) -> None:
        def filled() -> bool:
            field = self._field(label)
            field.click()
            field.clear()
            field.send_keys(text)
            return field.get_property("value") == text

        self.until(f"“{label}” can be filled in", filled)

    def choose(self, label: str, words: str) -> None:
        """Takes from a drop-down the first choice that begins so."""

        def chosen() -> bool:
            select = Select(self._field(label))
            option = next((option for option in select.options if option.text.startswith(words)), None)
            if option is None:
                return False
            select.select_by_visible_text(option.text)
            return True

        self.until(f"“{label}” offers “{words}”", chosen)

    # What is kept of it

    def picture(self, file: Path) -> None:
        """The whole page, beyond what fits the window."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": self.width, "height": min(size["height"], 8000), "scale": 1}
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def evidence(self, folder: Path, name: str) -> str:
        """Keeps what it looks like now; says where."""
        base = folder / "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in name)
        try:
            self.picture(base.with_suffix(".png"))
            base.with_suffix(".html").write_text(self.driver.page_source)
            return f"at {self.path}; seen in {base}.png, {base}.html"
        except WebDriverException as error:
            return f"nothing could be seen: {error.msg}"

    def close(self) -> None:
        """Ends the browser, and what it left running."""
        try:
            self.driver.quit()
        finally:
            for process in _processes(str(self._folder)):
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass


def _processes(mark: str) -> list[int]:
    """Whose command line names `mark`: the browser's folder, which only its own processes know of."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            is_other = entry.name.isdigit() and int(entry.name) != os.getpid()
            if is_other and mark.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            # It has ended meanwhile.
            continue
    return found
