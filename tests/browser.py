"""Chromium without a window, on a page of this machine."""

import os
import shutil
import subprocess
from pathlib import Path

import servers

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """This machine's; as root on Debian, one that is installed for it."""
    if not (found := _installed()) and os.getuid() == 0 and servers.is_debian():
        servers.say("No Chromium found: installing Debian's.")
        if failure := servers.apt_install(["chromium"]):
            servers.say(f"apt-get install chromium failed: {failure}")
        found = _installed()
    return found


def _installed() -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def opened(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What Chromium says after it has opened the page, whose folder keeps its profile."""
    command = [
        str(program()), "--headless", "--hide-scrollbars", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--allow-file-access-from-files", "--virtual-time-budget=20000", f"--user-data-dir={page.parent}/profile",
        *options, page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
