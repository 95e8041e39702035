"""The log of a job that runs in a process of its own, line by line as it comes."""

import json
import signal
import subprocess
from typing import IO, Any


def logged(line: str, stream: IO[str]) -> dict[str, Any]:
    """What the line says; where it is no line of a log, all that the job prints is told."""
    try:
        return dict(json.loads(line))
    except json.JSONDecodeError:
        raise AssertionError(f"the job prints {line}{stream.read()}") from None


def wait_for(process: "subprocess.Popen[str]", event: str) -> dict[str, Any]:
    """The line of the job's log that tells of the event."""
    assert process.stderr
    seen = []
    for line in process.stderr:
        seen.append(line)
        if (entry := logged(line, process.stderr))["event"] == event:
            return entry
    raise AssertionError(f"no {event} in the log: {''.join(seen)}")


def stop_at(process: "subprocess.Popen[str]", event: str) -> None:
    """Stop the job where its log tells of the event."""
    wait_for(process, event)
    process.send_signal(signal.SIGSTOP)


def the_rest(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """What the job still logs until it ends; one that was stopped goes on."""
    assert process.stderr
    process.send_signal(signal.SIGCONT)
    log = [logged(line, process.stderr) for line in process.stderr]
    process.wait(timeout=60)
    return log
