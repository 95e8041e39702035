"""A night in tables that something else fills computes those whose records have changed, where a column tells them."""

import random
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from engines import where
from engines.base import Engine
from shop import ask, configured, everything

from job import check, history, pipeline
from job.config import Config, Features
from job.errors import ConfigError
from job.progress import Steps
from job.segmentation import features, night
from job.session import connect

SHORT = "incremental"
SINCE = {"table": "sales", "key": "person", "column": "changed", "created": "made"}
COMPUTED = 'SELECT "customer_unique_id", "monetary", "frequency", "recency_days" FROM'


@dataclass
class Sales:
    """A table of a shop's own whose rows are made, changed and taken out; an hour passes with each."""

    engine: Engine
    url: str
    config: Config
    dice: random.Random
    clock: datetime
    rows: int = 0  # that there have been
    warnings: list[str] = field(default_factory=list)  # of the last night

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return ask(self.engine, self.url, statement)

    def tick(self) -> str:
        self.clock += timedelta(hours=1)
        return moment(self.clock)

    def person(self) -> int:
        return self.dice.randint(1, 400)

    def new(self, count: int = 1) -> None:
        if not count:
            return
        values = []
        for _ in range(count):
            now = self.tick()
            self.rows += 1
            values.append(f"({self.rows}, {self.person()}, {self.dice.randint(1, 900)}.5, {now}, {now})")
        self.ask(f"INSERT INTO sales VALUES {', '.join(values)}")

    def set(self, what: str, changed: str | None = None) -> None:
        """Change a row, at that moment or now."""
        self.ask(f"UPDATE sales SET {what}, changed = {changed or self.tick()} WHERE id = {self.one()}")

    def one(self) -> int:
        [(number,)] = self.ask(f"SELECT MIN(id) FROM sales WHERE id >= {self.dice.randint(1, self.rows // 2)}")
        return int(number)

    def dearer(self) -> None:
        self.set(f"amount = {self.dice.randint(1, 900)}.25")

    def undated(self) -> None:
        """A change without a time."""
        self.set(f"amount = {self.dice.randint(1, 900)}.75", "NULL")

    def at_the_same_moment(self) -> None:
        self.set(f"amount = {self.dice.randint(1, 900)}.75", moment(self.clock))

    def given(self) -> None:
        """To somebody else: only the row's new customer can be told by it."""
        self.set(f"person = {self.person() + 1000}")

    def gone(self) -> None:
        self.ask(f"DELETE FROM sales WHERE id = {self.one()}")

    def late(self) -> None:
        """A row that comes with an older time."""
        before = moment(self.clock - timedelta(days=3, minutes=1))
        self.rows += 1
        self.ask(f"INSERT INTO sales VALUES ({self.rows}, {self.person()}, 70.5, {before}, {before})")

    def night(self, full: bool = False) -> str:
        """Bring the features up to date as a run does; return the way, or why it was the full one."""
        with closing(connect(self.config)) as database:
            history.take_lock(database)
            if not database.transactional_ddl:
                features.make_table(database, self.config)
            run = history.new_run(database, self.config, history.new_run_id(), {}, {})
            with history.recorded(database, run), structlog.testing.capture_logs() as log, database.transaction():
                if database.transactional_ddl:
                    features.make_table(database, self.config)
                found = night._replace_features(database, self.config, run, touched=False, full=full)
                run.model_id, run.figures = (
                    "a",
                    {
                        "features": features.fingerprint_of_sql(database, self.config),
                        "features_stand": features.stand(database),
                        "changed_since": found,
                    },
                )
                history.finish(database, run)
        self.warnings = run.warnings
        ways = [str(line.get("reason", line["way"])) for line in log if line["event"] == "night"]
        return ways[0] if ways else "the first"

    def as_computed(self) -> bool:
        with closing(connect(self.config, read_only=True)) as database:
            sql = features.text(database, self.config)
        anew = self.engine.query(self.url, *self.engine.standard_quotes, f"{COMPUTED} ({sql}) AS computed")
        there = self.ask("SELECT customer_unique_id, monetary, frequency, recency_days FROM customer_features")
        return sorted(map(text_of, anew)) == sorted(map(text_of, there))


def moment(when: datetime) -> str:
    return f"'{when:%Y-%m-%d %H:%M:%S}'"


def text_of(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(map(str, row))


@pytest.fixture
def sales(engine: Engine, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sales]:
    """Param: the type of both times, by its name as an engine's."""
    type_ = getattr(engine, str(getattr(request, "param", "timestamp")), "DATE").removesuffix(" NULL")
    shipped = configured(engine, database_url)
    sql = tmp_path / "features.sql"
    days = engine.days_between('MAX("made")', '(SELECT MAX("made") FROM "sales")')
    sql.write_text(
        'SELECT "person" AS "customer_unique_id", SUM("amount") AS "monetary", COUNT(*) AS "frequency",\n'
        f'    {days} AS "recency_days" FROM "sales" GROUP BY "person"'
    )
    config = shipped.model_copy(update={"load": None, "write_back": None})
    clock = datetime.now() - timedelta(days=300)
    found = Sales(engine, database_url, given(config, sql, SINCE), random.Random(17), clock)
    found.ask(
        "CREATE TABLE sales (id INTEGER PRIMARY KEY, person INTEGER, amount DECIMAL(10, 2), "
        f"made {type_} NULL, changed {type_} NULL)"
    )
    found.new(600)
    if engine.has_server:
        found.ask(f"GRANT SELECT ON sales TO {engine.grantee(database_url.rpartition('/')[2])}")
    yield found


def given(config: Config, sql: Path | None, *since: dict[str, Any]) -> Config:
    values = {"sql": sql, "per_customer": True, "changed_since": since}
    return config.model_copy(update={"features": Features.model_validate(values)})


def test_random_nights(sales: Sales) -> None:
    """What no column can tell is found, and the night after goes the short way again."""
    told = [sales.new, sales.dearer, sales.undated]
    doubtful = {1: sales.given, 3: sales.gone, 5: sales.late, 6: sales.gone}
    assert sales.night() == "the first" and sales.as_computed()
    for number in range(7):
        sales.at_the_same_moment()  # as the last change that the run before has seen
        for change in [*sales.dice.choices(told, k=3), *([doubtful[number]] if number in doubtful else [])]:
            change()
        way = sales.night()
        assert sales.as_computed(), number
        assert way.startswith("of table sales the last run knew" if number in doubtful else SHORT), number


@pytest.mark.parametrize("sales", ["moment", "date"], indirect=True)
def test_columns_of_other_types(sales: Sales) -> None:
    """That rows which come on the day of the last one might be late, a date alone cannot tell."""
    sales.night()
    sales.clock += timedelta(days=1)
    for change in (sales.new, sales.dearer, sales.undated):
        change()
    assert sales.night() == SHORT and sales.as_computed()
    sales.gone()
    assert sales.night() != SHORT and sales.as_computed()


def test_a_change_that_is_seen_late(sales: Sales) -> None:
    """One whose transaction has begun before others that a run has seen, or has a clock that is slow."""
    now = datetime.now(UTC)
    sales.set("amount = 1.25", moment(now - timedelta(minutes=1)))
    sales.night()
    sales.set("amount = 2.25", moment(now - timedelta(hours=3)))
    assert sales.night() == SHORT and sales.as_computed()


def test_a_time_to_come_hides_no_change(sales: Sales) -> None:
    sales.set("amount = 1.25", "'2037-01-01 00:00:00'")
    sales.night()
    sales.dearer()
    assert sales.night() == SHORT and sales.as_computed()


def test_what_else_has_changed_takes_the_full_way(sales: Sales) -> None:
    sales.night()
    assert sales.night(full=True) == "it was asked for"
    sales.ask("UPDATE customer_features_data SET monetary = 1 WHERE frequency = 1")
    assert sales.night() == "others have changed table customer_features_data" and sales.as_computed()
    path = sales.config.features.sql
    assert path
    path.write_text(path.read_text().replace("COUNT(*)", "COUNT(*) + 1"))
    assert sales.night() == "the features are not those of the last run by this SQL" and sales.as_computed()
    sales.ask(f"UPDATE sales SET changed = {moment(datetime.now(UTC))}")
    assert sales.night() == SHORT
    assert sales.night() == "nothing in sales.changed was older than a day at the last run"
    sales.config = given(sales.config, path, {**SINCE, "column": "made"})
    assert sales.night().startswith("the last run has left nothing to compare") and sales.as_computed()


def test_without_a_time_of_making_every_change_is_a_doubt(sales: Sales) -> None:
    sales.config = given(sales.config, sales.config.features.sql, {**SINCE, "created": None})
    sales.night()
    sales.new()
    assert sales.night() == SHORT and sales.as_computed()
    sales.dearer()
    assert sales.night() != SHORT and sales.as_computed()


def test_whose_a_row_is_may_be_an_expression(sales: Sales) -> None:
    """And customers may come from several tables."""
    sales.ask("CREATE TABLE refunds (sale INTEGER, amount DECIMAL(10, 2), day DATE)")
    if sales.engine.has_server:
        sales.ask(f"GRANT SELECT ON refunds TO {sales.engine.grantee(sales.url.rpartition('/')[2])}")
    path = sales.config.features.sql
    assert path
    refunds = 'SELECT SUM("refunds"."amount") FROM "refunds" JOIN "sales" AS "of" ON "of"."id" = "refunds"."sale"'
    spent = f'SUM("amount") - COALESCE(({refunds} WHERE "of"."person" = "sales"."person"), 0)'
    path.write_text(path.read_text().replace('SUM("amount")', spent))
    whose = '(SELECT "person" FROM "sales" WHERE "sales"."id" = "refunds"."sale")'
    sales.config = given(sales.config, path, SINCE, {"table": "refunds", "key": whose, "column": "day"})
    sales.ask("INSERT INTO refunds VALUES (1, 0.5, '2020-01-01')")
    sales.night()
    sales.ask("INSERT INTO refunds VALUES (2, 0.25, '2020-01-02')")
    assert sales.night() == SHORT and sales.as_computed()
    sales.ask("DELETE FROM refunds WHERE sale = 1")
    assert sales.night().startswith("of table refunds the last run knew 2 rows") and sales.as_computed()


def test_keys_that_do_not_lead_to_the_customers_are_told(sales: Sales) -> None:
    sales.config = given(sales.config, sales.config.features.sql, {**SINCE, "key": "id + 5000"})
    for way in ("the first", "the last run has left nothing"):
        assert sales.night().startswith(way) and sales.as_computed()
        assert sales.warnings == [
            "features.changed_since: of 100 customers 100 have no row in its tables: name all tables that customers "
            "come from, and keys that give what the features' SQL gives; until then a run computes all features"
        ]
        sales.new()


def test_what_cannot_tell_changes_is_refused(sales: Sales) -> None:
    """By a check, too; and nothing has changed."""
    sql, before = sales.config.features.sql, everything(sales.engine, sales.url)
    for since, told in (
        ({"table": "sold"}, "sold is no table that the database's user may read"),
        ({"column": "paid"}, "column is paid, which is no column of table sales"),
        ({"created": "paid"}, "created is paid, which is no column of table sales"),
        ({"key": "paid"}, "key is paid, which is no column of table sales"),
        ({"key": "LOWER(paid)"}, r"LOWER\(paid\) is no column of table sales, nor an expression of its columns"),
        ({"column": "amount"}, r"column is amount, which is .* in table sales; it must be a date or a time"),
    ):
        sales.config = given(sales.config, sql, {**SINCE, **since})
        [failed] = [str(finding.error) for finding in check.findings(sales.config, None) if finding.error]
        assert re.match(f"features.changed_since: {told}", failed)
    with pytest.raises(ConfigError, match=r"features\.changed_since: column is amount"):
        run(sales.config)
    rows = {table: rows for table, rows in everything(sales.engine, sales.url).items() if rows}
    assert rows == before


def run(config: Config) -> None:
    pipeline.run(config, None, history.new_run_id(), Steps("json"))


@where(lambda engine: not engine.has_server)  # the engine has no part in it
def test_a_run_ends_as_one_that_computes_all(sales: Sales) -> None:
    """Two segmentations of one table, one of which is told what has changed."""
    axes = sales.config.clustering.model_copy(update={"k": 3})
    short = sales.config.model_copy(update={"name": "short", "clustering": axes})
    long = given(short, short.features.sql).model_copy(update={"name": "long"})
    for changes in range(0, 8, 4):
        sales.new(changes)
        for _ in range(changes):
            sales.dearer()
        with structlog.testing.capture_logs() as log:
            run(short)
        assert [line["way"] for line in log if line["event"] == "night"] == [SHORT] * (changes > 0)
        run(long)
    tables, ends = everything(sales.engine, sales.url), []
    for name in ("short", "long"):
        with closing(connect(short.model_copy(update={"name": name}), read_only=True)) as database:
            figures = [run.figures for run in history.done_runs(database, 9)]
            models = [model["model"] for model in history.models(database, 9)]
        labels = sorted(row[:4] for row in tables[f"{name}_customer_segments"])
        moved = sorted(row[1:] for row in tables[f"{name}_customer_segment_changes"])
        told = [{key: value for key, value in each.items() if key not in ("changed_since",)} for each in figures]
        ends.append((sorted(tables[f"{name}_customer_features"]), labels, moved, models, told))
    assert ends[0] == ends[1] and len(ends[0][1]) > 300
