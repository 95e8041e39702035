"""The job's own tables in a place of their own, over tables that are somebody else's."""

import random
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines.base import Engine
from shop import ask, configured

from job import export, history, pipeline
from job.config import Config
from job.errors import ConfigError
from job.progress import Steps
from job.session import connect

FEATURES = """
SELECT
    "person" AS "customer_unique_id",
    SUM("amount") AS "monetary",
    COUNT(*) AS "frequency",
    {days} AS "recency_days"
FROM {place}."purchases"
GROUP BY "person"
"""


@dataclass
class Source:
    """A customer database that is none of the job's: people and what they bought, in a schema with an odd name."""

    engine: Engine
    url: str
    place: str
    own: str
    features: Path
    spent: dict[str, Decimal]

    def config(self, name: str = "", column: str | None = "label") -> Config:
        """A segmentation of it, whose tables are in a schema of their own."""
        shipped = configured(self.engine, self.url)
        label = {"table": self.quoted("people"), "key": "id", "column": column}
        return Config.model_validate(
            {
                "name": name,
                "database": shipped.database.model_copy(update={"job_schema": self.own}),
                "features": {"sql": self.features},
                "clustering": shipped.clustering.model_copy(update={"k": 3}),
                "report": shipped.report.model_copy(update={"folder": self.features.parent / "report"}),
                "write_back": label if column else None,
            }
        )

    def quoted(self, table: str) -> str:
        """As the config names it."""
        place = self.place.replace('"', '""')
        return f'"{place}".{table}'

    def own_table(self, table: str) -> str:
        return f"{self.engine.quote(self.own)}.{self.engine.quote(table)}"

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return ask(self.engine, self.url, statement)

    def people(self, columns: str = "id, label") -> list[tuple[Any, ...]]:
        return self.ask(f"SELECT {columns} FROM {self.engine.quote(self.place)}.people ORDER BY 1")

    def grant(self, what: str, on: str) -> None:
        """To the job's role, as its administrator."""
        if self.engine.has_server:
            self.ask(f"GRANT {what} ON {on} TO {self.engine.grantee(urlsplit(self.url).path[1:])}")


@pytest.fixture(params=["integer", "uuid", "text"])
def source(engine: Engine, database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Source]:
    base = Path(urlsplit(database_url).path).stem
    found = Source(engine, database_url, f'{base} "crm"', f"{base} of the job's", tmp_path / "features.sql", {})
    try:
        fill(found, request.param)
        yield found
    finally:
        if engine.schemas_are_databases:
            for place in (found.place, found.own):
                ask(engine, database_url, f"DROP DATABASE IF EXISTS {engine.quote(place)}")


def fill(source: Source, kind: str) -> None:
    id_type = {"integer": "BIGINT", "uuid": source.engine.uuid, "text": "VARCHAR(40)"}[kind]
    place = source.engine.quote(source.place)
    source.ask(f"CREATE SCHEMA {place}")
    source.ask(
        f"CREATE TABLE {place}.people (id {id_type} PRIMARY KEY, city VARCHAR(20), label VARCHAR(1), other VARCHAR(1))"
    )
    source.ask(f"CREATE TABLE {place}.purchases (person {id_type}, amount DECIMAL(12, 2), bought DATE)")
    chance = random.Random(5)
    people, purchases = [], []
    for number in range(400):
        key = {
            "integer": str(number),
            "uuid": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "text": f"p-{number}",
        }[kind]
        people.append(f"('{key}', 'town', NULL, NULL)")
        for _ in range(chance.choice((1, 1, 1, 2, 5)) if number else 0):  # the first has bought nothing
            amount = Decimal(chance.randint(100, 10 ** chance.randint(3, 6))) / 100
            source.spent[key] = source.spent.get(key, Decimal(0)) + amount
            purchases.append(f"('{key}', {amount}, '{date(2026, 1, 1) + timedelta(chance.randint(0, 300))}')")
    source.ask(f"INSERT INTO {place}.people VALUES {', '.join(people)}")
    source.ask(f"INSERT INTO {place}.purchases VALUES {', '.join(purchases)}")
    days = source.engine.days_between('MAX("bought")', 'MAX(MAX("bought")) OVER ()')
    source.features.write_text(FEATURES.format(days=days, place='"' + source.place.replace('"', '""') + '"'))
    if source.engine.usage_of_schemas_is_granted:
        source.grant("CREATE", f"DATABASE {source.engine.quote(urlsplit(source.url).path[1:])}")
        source.grant("USAGE", f"SCHEMA {place}")
    if source.engine.schemas_are_databases:
        source.grant(
            "SELECT, INSERT, UPDATE, DELETE, CREATE, CREATE VIEW, ALTER, DROP", f"{source.engine.quote(source.own)}.*"
        )
    for table in ("people", "purchases"):
        source.grant("SELECT", f"{place}.{table}")


def let_label(source: Source) -> None:
    source.grant("UPDATE (label, other)", f"{source.engine.quote(source.place)}.people")


def run(config: Config) -> str:
    run_id = history.new_run_id()
    pipeline.run(config, None, run_id, Steps("json"))
    return run_id


def test_people_of_another_schema_are_labelled_by_their_ids(source: Source) -> None:
    let_label(source)
    before = source.people("id, city, other")
    run(source.config())
    labels = {str(key): label for key, label in source.people()}
    assert {key for key, label in labels.items() if label} == source.spent.keys()
    table = source.own_table("customer_segments")
    rows = source.ask(f"SELECT customer_unique_id, segment FROM {table}")
    assert {str(key): segment for key, segment in rows} == {key: labels[key] for key in source.spent}
    means = [
        sum(source.spent[key] for key in source.spent if labels[key] == letter) / list(labels.values()).count(letter)
        for letter in "ABC"
    ]
    assert means == sorted(means, reverse=True)
    assert source.people("id, city, other") == before


def test_without_a_label_column_the_source_is_only_read(source: Source) -> None:
    """On servers, the job's role may do no more."""
    before = source.people("id, city, label, other")
    run(source.config(column=None))
    assert source.people("id, city, label, other") == before
    [(labelled,)] = source.ask(f"SELECT COUNT(*) FROM {source.own_table('customer_segments')}")
    assert labelled == len(source.spent)


@pytest.mark.parametrize("source", ["integer"], indirect=True)
def test_segmentations_of_two_names_do_not_meet(source: Source) -> None:
    let_label(source)
    first, second = source.config("spend"), source.config("again", "other")
    run(first)
    spend = {table: source.ask(f"SELECT * FROM {source.own_table(table)}") for table in of("spend")}
    labels = source.people()
    second = second.model_copy(update={"clustering": second.clustering.model_copy(update={"k": 2})})
    with closing(connect(first)) as holder:
        history.take_lock(holder)
        if source.engine.one_process:
            holder.close()
        again = run(second)
    assert {table: source.ask(f"SELECT * FROM {source.own_table(table)}") for table in of("spend")} == spend
    assert source.people() == labels
    assert {label for _, label in source.people("id, other")} == {"A", "B", None}
    assert source.ask(f"SELECT run_id FROM {source.own_table('again_job_runs')}") == [(again,)]
    for config, letters in ((first, "ABC"), (second, "AB")):
        page = pipeline.report(config, Steps("json"))
        assert page == source.features.parent / "report" / config.name / "latest.html"
        assert f"<h1>Customer segments · {config.name}</h1>" in page.read_text()
        lines = page.with_name("segments.csv").read_text(encoding="utf-8-sig").splitlines()
        assert [line[0] for line in lines[1:]] == list(letters)


def of(name: str) -> list[str]:
    return [f"{name}_{table}" for table in ("customer_features", "customer_segments", "segment_models", "job_runs")]


@pytest.mark.parametrize("source", ["text"], indirect=True)
def test_a_label_column_with_values_of_others_is_refused(source: Source) -> None:
    let_label(source)
    run(source.config("spend"))
    labels = source.people()
    with pytest.raises(ConfigError, match=r"column label of table .* holds values that this segmentation has not"):
        run(source.config("again"))
    assert source.people() == labels
    assert source.ask(f"SELECT COUNT(*) FROM {source.own_table('again_customer_segments')}") == [(0,)]
    run(source.config("spend"))  # its own labels are no others'
    run(source.config("again", "other"))
    with pytest.raises(ConfigError, match=r"column other of table .* holds values"):
        run(source.config("spend", "other"))
    run(source.config("again", None))
    with pytest.raises(ConfigError, match=r"column other of table .* holds values"):  # they are of two nights before
        run(source.config("again", "other"))
    assert source.people() == labels


@pytest.mark.parametrize("source", ["integer"], indirect=True)
def test_all_commands_find_the_tables_of_a_name(source: Source, tmp_path: Path) -> None:
    let_label(source)
    config = source.config("spend")
    target = run(config)
    labels = source.people()
    pipeline.run(config, None, history.new_run_id(), Steps("json"), score=True)
    pipeline.roll_back(config, target, history.new_run_id(), Steps("json"))
    assert source.people() == labels
    with closing(connect(config, read_only=True)) as database:
        assert [row["run_id"] for row in history.recent(database, 9)][-1] == target
        assert len(history.models(database, 9)) == 1
        assert export.write(database, tmp_path / "labels.csv").customers == len(source.spent)
