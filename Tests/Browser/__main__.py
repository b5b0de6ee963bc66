"""The dashboard in a real browser, on a daemon of its own. See scripts/browser."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Protocol

from .accessibility import Accessibility
from .hostility import Hostility
from .place import IS_PROOF, VISITORS, Place
from .plain import Plain
from .quickstart import Quickstart
from .report import SceneEnded

ROOT = Path(__file__).resolve().parents[2]


def widths() -> list[int]:
    return [390, 820, 1440] if IS_PROOF else [390]


class Scene(Protocol):
    def play(self) -> None:
        """Runs its tests. Raises SceneEnded when one failed on which the others stand."""


def scenes(place: Place) -> dict[str, Callable[[], Scene]]:
    """What makes each scene ready to be played, by its name."""
    every: dict[str, Callable[[], Scene]] = {}
    for width in widths():
        every[f"quickstart-{width}"] = partial(Quickstart, place, width)
        for visitor in VISITORS:
            every[f"accessibility-{visitor}-{width}"] = partial(Accessibility, place, width, visitor)
        every[f"plain-{width}"] = partial(Plain, place, width)
    # What it looks like does not matter here.
    for visitor in ("nobody", "customer", "operator"):
        every[f"hostility-{visitor}"] = partial(Hostility, place, visitor)
    return every


def play(place: Place, chosen: str) -> bool:
    """Plays the scenes that have `chosen` in their names; whether all is well."""
    for name, made in scenes(place).items():
        if chosen not in name:
            continue
        with place.scene(), suppress(SceneEnded):
            # It is told already; the other scenes do not stand on this one.
            with place.report.test(f"{name}/isReady"):
                scene = made()
            scene.play()
    return place.report.close()


def end(number: int, frame: FrameType | None) -> None:
    """Whoever ends the tests ends what they started: as an exception it passes all that cleans up."""
    raise SystemExit(128 + number)


def main() -> int:
    signal.signal(signal.SIGTERM, end)
    program = os.environ.get("CAIPORT_TEST_PROGRAM") or str(ROOT / ".build/debug/caiportd")
    pictures = os.environ.get("CAIPORT_SCREENSHOTS")
    failures = ROOT / ".build/browser-failures"
    shutil.rmtree(failures, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="caiport-browser-") as folder:
        place = Place(program, Path(folder), failures, Path(pictures) if pictures else None)
        try:
            return 0 if play(place, sys.argv[1] if len(sys.argv) > 1 else "") else 1
        finally:
            place.close()


sys.exit(main())
