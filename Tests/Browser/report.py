"""What is said of each test, in the words of swift-testing, which scripts/test counts."""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class SceneEnded(Exception):
    """A test failed on which the rest of its scene stands."""


class Test:
    """One test under way."""

    def __init__(self, name: str, evidence: Callable[[str], str]) -> None:
        self.name = name
        self.issues = 0
        self._evidence = evidence

    def issue(self, words: str) -> None:
        """What is wrong, and what it looked like. The test goes on."""
        self.issues += 1
        first, *rest = words.strip().splitlines() or [""]
        print(f"✘ Test {self.name} recorded an issue: {first}", flush=True)
        for line in rest:
            print(f"↳ {line}", flush=True)
        # One look is enough where a test finds more than one thing on a page.
        seen = self._evidence(f"{self.name}-{self.issues}") if self.issues <= 3 else ""
        if seen:
            print(f"↳ {seen}", flush=True)

    def expect(self, is_so: bool, words: str) -> None:
        if not is_so:
            self.issue(words)


class Report:
    """All tests of a run."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self._issues = 0
        self._began = time.monotonic()

    @contextmanager
    def test(self, name: str, evidence: Callable[[str], str] = lambda name: "") -> Iterator[Test]:
        """Runs what stands below it as a test.

        Raises SceneEnded when the test could not go on; what it found wrong on its way does not end its scene.
        """
        test = Test(name, evidence)
        began = time.monotonic()
        has_ended = False
        print(f"◇ Test {name} started.", flush=True)
        try:
            yield test
        except Exception as error:  # Whatever goes wrong in a test is its issue.
            has_ended = True
            test.issue(self._words(error))
        self._close(test, time.monotonic() - began)
        if has_ended:
            raise SceneEnded(name)

    @staticmethod
    def _words(error: Exception) -> str:
        """The error, and where in these files it came up."""
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if "/Tests/Browser/" in frame.filename]
        # The message of a browser's error ends in its own stack.
        said = str(error).split("Stacktrace:")[0].strip() or type(error).__name__
        lines = [" ".join(said.split()), *(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in own)]
        return "\n".join(lines)

    def _close(self, test: Test, seconds: float) -> None:
        if test.issues == 0:
            self.passed += 1
            print(f"✔ Test {test.name} passed after {seconds:.3f} seconds.", flush=True)
            return
        self.failed += 1
        self._issues += test.issues
        count = f"{test.issues} issue{'' if test.issues == 1 else 's'}"
        print(f"✘ Test {test.name} failed after {seconds:.3f} seconds with {count}.", flush=True)

    def close(self) -> bool:
        """Says how the run ended; whether it is well."""
        seconds = time.monotonic() - self._began
        run = f"Test run with {self.passed + self.failed} tests"
        if self.failed == 0:
            print(f"✔ {run} passed after {seconds:.3f} seconds.", flush=True)
        else:
            print(f"✘ {run} failed after {seconds:.3f} seconds with {self._issues} issues.", flush=True)
        return self.failed == 0
