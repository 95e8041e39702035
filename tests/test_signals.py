"""Signals where no database is at work; tests/contract has the rest."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SIGNAL = "import os, signal, sys; from job import interrupt; end = lambda: os.kill(os.getpid(), signal.SIGTERM); "


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["job.cli", "job.pipeline", "job.adapters.duckdb"])
def test_a_signal_while_modules_are_imported(module: str, shop: Path, tmp_path: Path) -> None:
    database = tmp_path / "shop.duckdb"
    script = f"""
{SIGNAL}
class Finder:
    def find_spec(self, name, *_):
        if name == {module!r}:
            end()
sys.meta_path.insert(0, Finder())
sys.argv = ["job", "run", "--log-format", "console", "--data", {str(shop)!r}]
os.environ["DUCKDB_PATH"] = {str(database)!r}
import runpy
runpy.run_module("job", run_name="__main__", alter_sys=True)
"""
    result = python(script)
    assert result.returncode == 143, result.stderr
    assert result.stderr.splitlines() == ["error: ended by SIGTERM; what was not committed is rolled back"]
    assert not database.exists()


def test_the_second_signal_changes_nothing() -> None:
    result = python(SIGNAL + "interrupt.install()\ntry: end()\nexcept BaseException as e: end(); print(e.exit_code)")
    assert (result.returncode, result.stdout) == (0, "143\n"), result.stderr


def test_what_is_being_committed_is_not_interrupted() -> None:
    within = "with interrupt.cancellable(lambda: print('cancelled')): end()"
    result = python(SIGNAL + f"interrupt.install(); interrupt.stop_listening()\n{within}\nprint('committed')")
    assert (result.returncode, result.stdout) == (0, "committed\n"), result.stderr


def test_a_signal_counts_after_a_commit_that_failed() -> None:
    committing = "interrupt.install(); interrupt.stop_listening(); end()\n"
    result = python(SIGNAL + committing + "try: interrupt.listen_again()\nexcept BaseException as e: print(e)")
    assert (result.returncode, result.stdout[:16]) == (0, "ended by SIGTERM"), result.stderr


def test_a_signal_ends_the_wait_for_a_call_at_once() -> None:
    """As the opening of a session is, which the driver does not let go of."""
    waiting = "import threading, time; interrupt.install(); threading.Timer(0.1, end).start()\n"
    within = "try: interrupt.apart(lambda: time.sleep(60))\nexcept BaseException as e: print(e)"
    result = python(SIGNAL + waiting + within)
    assert (result.returncode, result.stdout[:16]) == (0, "ended by SIGTERM"), result.stderr


def test_a_driver_that_lets_no_other_python_run_is_ended_by_force() -> None:
    """As psycopg2's cancel() is, on a frozen path."""
    held = "import ctypes, time; interrupt.FORCED = 0.5; interrupt.install()\n"
    within = "with interrupt.cancellable(lambda: ctypes.PyDLL(None).sleep(60)): end(); time.sleep(60)"
    result = python(SIGNAL + held + within)
    assert result.returncode == 1 and "most recent call first" in result.stderr
