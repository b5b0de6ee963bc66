"""The pages where JavaScript is turned off: signing in and deploying work all the same."""

from . import acts
from .patience import eventually
from .place import Place
from .tenant import open_account


class Plain:
    def __init__(self, place: Place, width: int) -> None:
        self._place = place
        self._window = place.window(width, scripts=False)
        self._width = width
        self._tenant = open_account(place.daemon, f"plain-{width}@example.com")
        self._line = acts.make_ssh_key(place.folder, f"plain-{width}")

    def play(self) -> None:
        window = self._window
        with self._place.test(f"Plain/scriptsAreOff({self._width})", window):
            # Not even one of the page's own: where it runs, it marks each form that is sent.
            window.driver.get("data:text/html,<title>off</title><script>document.title = 'on'</script>")
            if window.driver.title != "off":
                raise AssertionError("scripts run")
        with self._place.test(f"Plain/signIn({self._width})", window):
            acts.sign_in(window, self._tenant.customer)
            window.at("/home")
        with self._place.test(f"Plain/deploy({self._width})", window):
            acts.add_ssh_key(window, self._line)
            window.follow("Servers")
            window.follow("Deploy your first server")
            window.fill("Name", "plain-app")
            window.press("Deploy")
            window.until("it is the server's page", lambda: window.read("h1") == "plain-app")
            eventually("the server runs", self._is_running)
        with self._place.test(f"Plain/destroy({self._width})", window):
            acts.destroy(window, "plain-app")
            acts.sign_out(window)

    def _is_running(self) -> bool:
        """By looking again, as one does without scripts."""
        self._window.driver.refresh()
        return acts.state(self._window) == "Running"
