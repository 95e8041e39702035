"""What a webhook gets of a run, and that nothing a webhook does changes a run; by a real server."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import tenacity
from shop import CONFIGS
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from job import cli, config, history, notify
from job.errors import ConfigError

TOKEN = "/services/T0/B0/s3cr3t-of-the-webhook"
OTHER = "/elsewhere"
TOLD = {"text": "shop: 1 customers in 2 segments"}


class Webhook:
    """A server on loopback that answers as it is told, one answer after the other, the last of them for ever."""

    def __init__(self, *answers: "int | bytes | threading.Event") -> None:
        self.taken: list[dict[str, Any]] = []
        self.asked: list[str] = []
        waiting = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def answer(handler) -> None:
                self.asked.append(f"{handler.command} {handler.path}")
                body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
                answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                if isinstance(answer, bytes):
                    handler.wfile.write(answer)
                elif isinstance(answer, int):
                    assert handler.headers["Content-Type"] == "application/json"
                    if answer == 200:
                        self.taken.append(json.loads(body))
                    handler.send_response(answer)
                    handler.send_header("Location", OTHER)
                    handler.end_headers()
                else:
                    answer.wait(60)  # longer than anybody waits for it
                handler.close_connection = True

            do_POST = do_GET = answer

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}{TOKEN}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between attempts."""
    monkeypatch.setattr(tenacity.wait_exponential_jitter, "__call__", lambda *_: 0.0)


@pytest.fixture
def webhook() -> Iterator[Callable[..., Webhook]]:
    servers: list[Webhook] = []

    def make(*answers: "int | bytes | threading.Event") -> Webhook:
        servers.append(Webhook(*answers))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def reasons(url: str, attempts: int = notify.ATTEMPTS) -> list[str]:
    """The warnings, of which none may have any of the address."""
    with capture_logs() as logs:
        notify.send(url, TOLD, attempts)
    assert not [line for line in logs if "s3cr3t" in str(line) or "services" in str(line)]
    assert {line["log_level"] for line in logs} <= {"warning"}
    return [f"{line['event']}: {line.get('reason', line.get('error'))}" for line in logs]


def test_it_is_taken_once(webhook: Callable[..., Webhook]) -> None:
    server = webhook(200)
    assert reasons(server.url) == []
    assert server.taken == [TOLD] and server.asked == [f"POST {TOKEN}"]


@pytest.mark.parametrize("code", [500, 503, 429])
def test_what_may_pass_is_tried_again(webhook: Callable[..., Webhook], code: int) -> None:
    server = webhook(code, 200)
    assert reasons(server.url) == [f"notifying again: notify.url: answered {code}"]
    assert server.taken == [TOLD]


def test_it_gives_up(webhook: Callable[..., Webhook]) -> None:
    server = webhook(500)
    *again, last = reasons(server.url)
    assert len(again) == 2 and last.startswith("not notified: notify.url: answered 500; tried for")
    assert len(server.asked) == notify.ATTEMPTS
    assert len(reasons(server.url, attempts=1)) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308, 400, 403, 404, 410])
def test_what_will_not_pass_is_told_at_once(webhook: Callable[..., Webhook], code: int) -> None:
    """A redirect, too, is not followed."""
    server = webhook(code)
    assert reasons(server.url) == [f"not notified: notify.url: answered {code}"]
    assert server.asked == [f"POST {TOKEN}"]


@pytest.mark.parametrize("garbage", [b"", b"\0\xff" * 50, b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"x" * 70_000])
def test_what_is_no_http_is_tried_again_and_told(webhook: Callable[..., Webhook], garbage: bytes) -> None:
    found = reasons(webhook(garbage).url)
    assert len(found) == notify.ATTEMPTS and found[-1].startswith("not notified: notify.url: ")
    assert reasons(webhook(garbage, 200).url)[-1].startswith("notifying again")


def test_who_answers_too_late_is_not_waited_for(
    webhook: Callable[..., Webhook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "SECONDS", 0.1)
    end = threading.Event()
    assert reasons(webhook(end).url)[-1].startswith("not notified: notify.url: no answer in 0.1 s; tried for")
    assert reasons(webhook(end, 200).url)[-1] == "notifying again: notify.url: no answer in 0.1 s"
    end.set()


def test_who_is_not_there(webhook: Callable[..., Webhook]) -> None:
    server = webhook(200)
    server.close()
    assert "(Connection refused); tried for" in reasons(server.url)[-1]
    assert "no trusted session" in reasons(webhook(b"no TLS").url.replace("http:", "https:"))[-1]
    assert "cannot be reached (" in reasons(f"https://nobody.invalid{TOKEN}")[-1]
    assert "InvalidURL" in reasons(f"https://user:word@nobody.invalid{TOKEN}")[-1]


def test_no_address_of_anybody_is_told() -> None:
    warned = "the id test1@shop.example has 9 orders, and looks like a placeholder"
    now = history.now()
    run = history.DoneRun("r", now, now, "", "", "", {}, {"warnings": [warned], "segments": []})
    told = notify.message("shop", "r", 0, run, None)
    assert told["warnings"] == ["the id (an address) has 9 orders, and looks like a placeholder"]
    assert told["text"] == "shop: 0 customers in 0 segments; 1 warning"


# Runs


@pytest.fixture
def told_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A config that tells this address, which is in a secret file."""
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "shop.duckdb"))
    monkeypatch.setenv("REPORT_FOLDER", str(tmp_path / "report"))
    monkeypatch.setenv("MEMORY_FOLDER", str(tmp_path / "memory"))

    def make(url: str) -> Path:
        (tmp_path / "url").write_text(f"{url}\n")
        path = tmp_path / "spring.yaml"
        path.write_text(f"{(CONFIGS / 'duckdb.yaml').read_text()}\nnotify: {{url_file: {tmp_path}/url}}\n")
        shutil.copytree(CONFIGS, tmp_path, ignore=shutil.ignore_patterns("*.yaml"), dirs_exist_ok=True)
        return path

    return make


def run(path: Path, data: Path, *options: str) -> Result:
    result = CliRunner().invoke(cli.app, ["run", "--config", str(path), "--data", str(data), *options])
    assert "s3cr3t" not in result.output + result.stderr
    return result


def test_runs_are_told_well_or_not(
    webhook: Callable[..., Webhook], told_by: Callable[[str], Path], shop: Path, tmp_path: Path
) -> None:
    server = webhook(200)
    path = told_by(server.url)
    assert run(path, tmp_path / "no such folder").exit_code == 3
    assert run(path, shop).exit_code == 0
    assert CliRunner().invoke(cli.app, ["rollback", "nowhere", "--config", str(path)]).exit_code == 3
    failed, done, rolled_back = server.taken
    assert {key: failed[key] for key in ("status", "exit_code", "warnings", "report")} == {
        "status": "failed", "exit_code": 3, "warnings": [], "report": None
    }  # fmt: skip
    assert failed["text"].startswith("spring: the run failed (data missing or refused); labels are as before")
    assert (done["config"], done["status"], done["exit_code"]) == ("spring", "done", 0)
    assert done["report"] == str(tmp_path / "report/latest.html") and Path(done["report"]).is_file()
    assert len({each["run"] for each in server.taken}) == 3 and rolled_back["status"] == "failed"
    runs = json.loads(CliRunner().invoke(cli.app, ["runs", "--json", "--config", str(path)]).stdout)
    [last] = [each for each in runs if each["status"] == "done"]
    assert done["text"] == f"spring: {last['customers']:,} customers in 5 segments" and done["run"] == last["run_id"]
    assert done["warnings"] == last["warnings"]
    told = json.dumps(server.taken)
    assert not any(customer in told for customer in customers(shop))


def customers(shop: Path) -> set[str]:
    lines = (shop / "olist_customers_dataset.csv").read_text().splitlines()[1:]
    return {field.strip('"') for line in lines for field in line.split(",")[:2]}


def test_a_webhook_that_does_not_answer_changes_nothing(
    webhook: Callable[..., Webhook], told_by: Callable[[str], Path], shop: Path
) -> None:
    result = run(told_by(webhook(500).url), shop, "--no-report")
    assert result.exit_code == 0 and result.stderr.count("answered 500") == 3


def test_another_address_is_no_reason_to_compute_anew(told_by: Callable[[str], Path]) -> None:
    one, other = (history.config_fingerprint(config.read(told_by(url))) for url in ("", f"https://a.example{TOKEN}"))
    assert one == other


@pytest.mark.parametrize(
    "url", ["ftp://x", "file:///etc/passwd", "x", "https://", "https://a b", f"https://a{TOKEN}\n\n"]
)
def test_an_address_that_is_none_is_refused_without_it(told_by: Callable[[str], Path], url: str) -> None:
    with pytest.raises(ConfigError, match=r"spring.yaml:\d+: notify.url: must be an address") as raised:
        config.read(told_by(url))
    assert "s3cr3t" not in str(raised.value) and "passwd" not in str(raised.value)
