"""The ways that a night can go: a database that gets nights, the job's own files beside it, and what a night leaves.

As a program it is a run that is killed: `python tests/ways.py` takes a JSON object of `run`'s arguments, and `at`.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import chdir, closing
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import structlog.testing
from engines import ENGINES
from engines.base import Engine
from histories import Night
from shop import TABLES, ask, configured

import job
from job import history, pipeline
from job.config import Config
from job.errors import ClientelaError
from job.progress import Steps

# The job's own tables, with what does not tell when, by which run, or how it came about.
OWN = {
    "customer_segments": "customer_unique_id, segment, segment_name, model_id",
    "customer_segment_changes": "customer_unique_id, from_segment, to_segment",
    "segment_models": "model_id, model",
    "loaded_files": "table_name, file_name, fingerprint, records, loaded, rejected, table_rows",
    "rejected_records": "table_name, file_name, line, reason, record",
}
LAST = "SELECT status, row_counts, figures, model_id FROM job_runs WHERE status = 'done' ORDER BY started_at"
# Of the figures, what a run that finds all as before has taken from the last one, or does not look at.
NOT_AS_BEFORE = ("same_as", "model", "warnings", "checks", "drift", "moves", "load")
REFUSED = 99  # the exit code of a process that was to be killed, and was refused before
REJECTS, MEMORY = Path("var/rejects"), Path("var/memory")
State = dict[str, Any]


@dataclass
class Outcome:
    """How a run ended."""

    code: int = 0
    sentence: str = ""
    log: list[Mapping[str, Any]] = field(default_factory=list)

    def logged(self, event: str) -> Mapping[str, Any]:
        return next((line for line in self.log if line["event"] == event), {})


def config(engine: Engine, url: str, sections: Mapping[str, Mapping[str, Any]]) -> Config:
    """The shipped one, with other values in some sections; its files are in the folder that the job works in."""
    shipped = configured(engine, url).model_dump(exclude={"database"})
    shipped["database"] = {"dialect": engine.dialect, engine.place_key: engine.job_place(url)}
    shipped["load"]["memory"] = MEMORY
    for name, section in sections.items():
        shipped[name] |= section
    return Config.model_validate(shipped)


def run(engine: Engine, url: str, data: Path, night: str, full: bool, score: bool, sections: Any) -> None:
    """The job's night, in this process."""
    pipeline.run(config(engine, url, sections), data, night, Steps("json"), wait=60, score=score, full=full)


class Way:
    """A database, and the folder that the job works in. full: its nights take the full way."""

    def __init__(self, engine: Engine, url: str, home: Path, full: bool) -> None:
        self.engine, self.url, self.home, self.full = engine, url, home, full
        self._dump: Any = None
        self._shape: list[tuple[Any, ...]] = []
        self._older: dict[Path, bytes] = {}
        home.mkdir()

    def run(self, night: Night) -> Outcome:
        """Live the night in this process."""
        return self._outcome(
            lambda: run(self.engine, self.url, night.data, night.run_id, self.full, night.score, night.settings)
        )

    def roll_back(self, night: Night) -> Outcome:
        """Bring the labels back to those of the last night but one."""
        done = "SELECT run_id FROM job_runs WHERE status = 'done' ORDER BY started_at DESC"
        _, (target,), *_ = [*ask(self.engine, self.url, done), ("none",), ("none",)]
        settings = config(self.engine, self.url, night.settings)
        return self._outcome(lambda: pipeline.roll_back(settings, target, f"{night.run_id}-back", Steps("json")))

    def wrong(self, night: Night) -> str:
        """What `clientela verify` says is not as the night has left it."""
        with chdir(self.home):
            found = pipeline.verify(config(self.engine, self.url, night.settings), None)
        return "; ".join(each.line for each in found if each.mark == "wrong")

    def _outcome(self, work: Callable[[], object]) -> Outcome:
        outcome = Outcome()
        with chdir(self.home), structlog.testing.capture_logs() as outcome.log:  # type: ignore[assignment]
            try:
                work()
            except ClientelaError as error:
                outcome.code, outcome.sentence = error.exit_code, str(error)
        return outcome

    def killed(self, night: Night) -> bool:
        """Live the night in a process that is killed; tell whether its transaction was committed before."""
        arguments = {
            "engine": self.engine.name,
            "url": self.url,
            "data": str(night.data),
            "night": night.run_id,
            "full": self.full,
            "score": night.score,
            "sections": night.settings,
            "at": night.killed_at,
            "late": night.killed_late,
        }
        command = [sys.executable, __file__, json.dumps(arguments)]
        # The job is the one that is tested, not one that is installed.
        environment = {**os.environ, "PYTHONPATH": str(Path(job.__file__).parents[1])}
        done = subprocess.run(command, cwd=self.home, env=environment, capture_output=True, text=True, check=False)
        # Without the signal: it has ended, or was refused, before it came to that function.
        assert done.returncode in (0, REFUSED, -signal.SIGKILL), done.stderr
        statement = f"SELECT COUNT(*) FROM job_runs WHERE run_id = '{arguments['night']}' AND status = 'done'"
        return ask(self.engine, self.url, statement) == [(1,)]

    # What befalls it

    def by_hand(self, statement: str) -> None:
        ask(self.engine, self.url, statement)

    def _tables(self, kind: str = "%") -> list[str]:
        statement = (
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = {self.engine.schema}"
            f" AND table_type LIKE '{kind}' ORDER BY table_name"
        )
        return [table for (table,) in ask(self.engine, self.url, statement)]

    def _columns(self) -> list[tuple[Any, ...]]:
        statement = (
            f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = {self.engine.schema}"
        )
        return sorted(ask(self.engine, self.url, statement))

    def save(self) -> None:
        """Keep what is in the database, and in the job's files."""
        self._older = self._memory()
        if not self.engine.has_server:
            self._dump = Path(self.engine.job_place(self.url)).read_bytes()
            return
        with self.engine.session(self.url) as rows:
            found = {table: rows(f"SELECT * FROM {table}") for table in self._tables("BASE TABLE")}
        self._shape = self._columns()
        # Parents first.
        self._dump = {table: found.pop(table) for table in TABLES if table in found} | found

    def restore(self) -> None:
        """Bring what was kept back into the database, unless its tables have got other columns since."""
        if not self.engine.has_server:
            Path(self.engine.job_place(self.url)).write_bytes(self._dump)
            return
        if self._columns() != self._shape:
            return
        with closing(self.engine.connect(self.url)) as connection:
            cursor = connection.cursor()
            for table in reversed(self._dump):
                cursor.execute(f"DELETE FROM {table}")
            for table, rows in self._dump.items():
                if rows:
                    cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
            connection.commit()

    def _memory(self) -> dict[Path, bytes]:
        """What the job remembers from night to night: its files, by path in the folder."""
        return {path.relative_to(self.home): path.read_bytes() for path in (self.home / MEMORY).glob("*")}

    def remember(self, what: str, other: "Way") -> int:
        """Change the job's files as `Night.memory` says; return how many there were."""
        memory = self._memory()
        if what == "older":
            contents = self._older
        elif what == "foreign":
            contents = dict(zip(memory, (other._older or other._memory()).values(), strict=False))
        elif what == "damaged":
            contents = {path: content[: len(content) // 2] for path, content in memory.items()}
        else:
            contents = {}
        for path in memory:
            (self.home / path).unlink()
        for path, content in contents.items():
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            (self.home / path).write_bytes(content)
        return len(memory)

    # What is to be seen

    def state(self) -> State:
        """All that a night leaves, without times, and ids of runs."""
        tables = self._tables()
        with self.engine.session(self.url) as rows:
            found: State = {
                table: sorted(rows(f"SELECT {OWN.get(table, '*')} FROM {table}"), key=str)
                for table in [*TABLES, *OWN, "customer_features"]
                if table in tables
            }
            runs = rows(LAST) if "job_runs" in tables else []
        for name in ("status", "row_counts", "figures", "model_id"):
            found[f"last {name}"] = None
        if runs:
            status, row_counts, figures, model_id = runs[-1]
            found |= {"last status": status, "last row_counts": json.loads(row_counts), "last model_id": model_id}
            found["last figures"] = json.loads(figures)
            found["last figures"].pop("features_stand", None)  # they are stored as they have come about
            if self.engine.makes_tables_anew:  # by the full way alone, and these count all rows then
                found["last figures"] = {**found["last figures"], "load": None, "written_back": None}
        found["rejects"] = self._rejects()
        return found

    def _rejects(self) -> dict[str, bytes]:
        """By the files' names, but for the drafts that a killed run has left."""
        return {path.name: path.read_bytes() for path in (self.home / REJECTS).glob("[!.]*")}

    def take_rejects(self, other: "Way") -> None:
        """Those files of the other way: they take their places after the commit, and a kill may come between."""
        for path in (self.home / REJECTS).glob("[!.]*"):
            path.unlink()
        for name, content in other._rejects().items():
            (self.home / REJECTS).mkdir(parents=True, exist_ok=True)
            (self.home / REJECTS / name).write_bytes(content)


def difference(one: State, other: State) -> str:
    """The first one; empty: there is none."""
    wrong: list[Any]
    for name in one:
        here, there = one[name], other[name]
        if isinstance(here, dict) and isinstance(there, dict):
            if name == "last figures" and ("same_as" in here) != ("same_as" in there):
                here, there = ({key: each[key] for key in each if key not in NOT_AS_BEFORE} for each in (here, there))
            keys = sorted(here.keys() | there.keys())
            wrong = [(key, here.get(key), there.get(key)) for key in keys if here.get(key) != there.get(key)]
        elif isinstance(here, list):
            mine, others = Counter(map(str, here)), Counter(map(str, there))
            wrong = [("only here", list(mine - others)[:3], "only there", list(others - mine)[:3])] * (mine != others)
        else:
            wrong = [(here, there)] * (here != there)
        if wrong:
            return f"{name}: {wrong[0]}"
    return ""


def kill_at(number: int, late: bool) -> None:
    """Kill this process when so many functions of the job have been called, each for its first time.

    late: when so many have been called since the end of the run was written, which is committed then.
    """
    home, seen = str(Path(job.__file__).parent), list[CodeType]()

    def called(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(home):
            return
        if (seen or code is history.finish.__code__) if late else code not in seen:
            seen.append(code)
            if len(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(called)


def main(engine: str, data: str, at: int, late: bool, **arguments: Any) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    kill_at(at, late)
    try:
        run(ENGINES[engine], data=Path(data), **arguments)
    except ClientelaError:
        sys.exit(REFUSED)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
