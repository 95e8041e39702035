"""customer_features night after night: what the SQL gives, and no row written that need not be."""

import random
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines import on_servers
from engines.base import Engine
from shop import ask, configured

from job import history
from job.adapters.base import Database
from job.config import Config
from job.errors import DatabaseError
from job.segmentation import features
from job.session import connect

VIEW = "SELECT * FROM customer_features ORDER BY customer_unique_id"


@dataclass
class Shop:
    """A few orders in Olist's tables, in the session of a run; what is changed by `next` is changed by one transaction.

    An order's key is a number: its customer_id, too.
    """

    engine: Engine
    database: Database
    config: Config
    dice: random.Random
    orders: dict[int, tuple[str, int, str, str]] = field(default_factory=dict)  # person, day, status, payment
    number: int = 0

    def night(self, touched: bool = False, changes: int = 4) -> tuple[int, set[str]]:
        """Change some records, and bring the features up to date; give how many rows that took, and who was touched."""
        if not self.database.transactional_ddl:
            features.make_table(self.database, self.config)
        with self.database.transaction():
            people = set().union(*(self.change() for _ in range(changes)))
            return self.replaced(people if touched else None), people

    def replaced(self, people: set[str] | None = None) -> int:
        """Bring the features up to date, in a transaction. people: those that are touched."""
        if self.database.transactional_ddl:
            features.make_table(self.database, self.config)
        if people is None:
            return features.replace(self.database, self.config)
        id_ = f"customer_unique_id VARCHAR(255) PRIMARY KEY){self.engine.table_options}"
        self.run(f"CREATE TEMPORARY TABLE touched_customers ({id_}")
        if people:
            values = ", ".join(f"({self.engine.literal(person)})" for person in sorted(people))
            self.run(f"INSERT INTO touched_customers VALUES {values}")
        written = features.replace(self.database, self.config, touched=True)
        self.database.execute("drop_staged_features", tables=["touched_customers"])
        return written

    def change(self) -> set[str]:
        """Put in an order, or change or take one out; give the persons that it was or is of."""
        kind = self.dice.choice(["new", "new", "late", "person", "gone", "status", "payment"])
        if kind == "new" or not self.orders:
            return self.put(self.person(), self.day + self.dice.randint(0, 3))
        number = self.dice.choice(list(self.orders))
        person, day, status, paid = self.orders[number]
        self.take(number)
        if kind == "late":
            return {person} | self.put(person, self.dice.randint(0, self.day), status, paid)
        if kind == "person":
            return {person} | self.put(self.person(), day, status, paid)
        if kind == "status":
            return {person} | self.put(person, day, "canceled" if status == "delivered" else "delivered", paid)
        if kind == "payment":
            return {person} | self.put(person, day, status, f"{self.dice.randint(0, 99_999) / 100}")
        return {person}

    def person(self) -> str:
        return f"p{self.dice.randint(0, 60)}"

    @property
    def day(self) -> int:
        return max((day for _, day, _, _ in self.orders.values()), default=0)

    def put(self, name: str, day: int, status: str = "delivered", paid: str = "10.00") -> set[str]:
        self.number += 1
        key = f"'{self.number}'"
        moment = f"'20{17 + day // 336}-{day % 336 // 28 + 1:02}-{day % 28 + 1:02} 10:00:00'"
        person = self.engine.literal(name)
        self.run(f"INSERT INTO customers (customer_id, customer_unique_id) VALUES ({key}, {person})")
        columns = "order_id, customer_id, order_status, order_purchase_timestamp"
        self.run(f"INSERT INTO orders ({columns}) VALUES ({key}, {key}, '{status}', {moment})")
        columns = "order_id, payment_sequential, payment_value"
        self.run(f"INSERT INTO order_payments ({columns}) VALUES ({key}, 1, {paid}), ({key}, 2, 0.50)")
        self.orders[self.number] = (name, day, status, paid)
        return {name}

    def take(self, number: int) -> None:
        del self.orders[number]
        keys = {"order_payments": "order_id", "orders": "order_id", "customers": "customer_id"}
        if not self.database.loads_differences:  # rows of parents and children do not go in one transaction
            keys = {"order_payments": "order_id", "orders": "order_id"}
        for table, key in keys.items():
            self.run(f"DELETE FROM {table} WHERE {key} = '{number}'")

    def run(self, statement: str) -> None:
        self.database.run(statement)

    def stored(self) -> list[dict[str, Any]]:
        rows, _ = self.database._run(VIEW)
        return rows

    def computed(self) -> list[dict[str, Any]]:
        """What the SQL gives, as the table's types have it."""
        sql = features.text(self.database, self.config)
        self.run('DROP TABLE IF EXISTS "all_anew"')
        self.run('CREATE TABLE "all_anew" AS SELECT * FROM customer_features LIMIT 0')
        names = ", ".join(f'"{name}"' for name, _ in features._table_shape(self.database))
        self.run(f'INSERT INTO "all_anew" ({names}) SELECT {names} FROM (\n{sql}\n) AS f')
        rows, _ = self.database._run('SELECT * FROM "all_anew" ORDER BY customer_unique_id')
        self.run('DROP TABLE "all_anew"')
        return rows

    def as_computed(self) -> bool:
        return as_shown(self.stored()) == as_shown(self.computed())


def as_shown(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row) for row in rows]


@pytest.fixture
def shop(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[Shop]:
    config = configured(engine, database_url)
    with closing(connect(config)) as database:
        history.take_lock(database)
        for name in ("schema", "constraints"):
            if name in database.statements:
                database.execute(name)
        yield Shop(engine, database, config, random.Random(17))


def own(shop: Shop, tmp_path: Path, recency: str, per_customer: bool = True, more: str = "") -> None:
    """Give the shop features of its own."""
    path = tmp_path / "features.sql"
    path.write_text(
        'SELECT "customer_unique_id", SUM("payment_value") AS "monetary", COUNT(*) AS "frequency",\n'
        f'    {recency} AS "recency_days"{more}\n'
        'FROM "customers" JOIN "orders" ON "orders"."customer_id" = "customers"."customer_id"\n'
        'JOIN "order_payments" ON "order_payments"."order_id" = "orders"."order_id"\n'
        'GROUP BY "customer_unique_id" -- the end'
    )
    chosen = shop.config.features.model_copy(update={"sql": path, "per_customer": per_customer})
    shop.config = shop.config.model_copy(update={"features": chosen})


def days(engine: Engine) -> str:
    """The SQL of the days up to the last order, a whole number."""
    last = '(SELECT MAX("order_purchase_timestamp") FROM "orders")'
    return engine.days_between('MAX("order_purchase_timestamp")', last)


def test_random_nights(shop: Shop) -> None:
    shop.night(changes=60)
    for number in range(12):
        before, counted_to = as_shown(shop.stored()), day(shop)
        written, _ = shop.night(touched=number % 3 > 0, changes=shop.dice.randint(0, 5))
        assert shop.as_computed(), number
        if day(shop) == counted_to:
            after = as_shown(shop.stored())
            assert written <= len(set(before) ^ set(after)), number


def day(shop: Shop) -> Any:
    [(found,)] = [tuple(row.values()) for row in shop.database._run("SELECT day FROM customer_features_as_of")[0]]
    return found


@pytest.mark.parametrize("touched", [False, True])
def test_a_later_day_is_one_row(shop: Shop, touched: bool) -> None:
    shop.night(changes=60)
    before = shop.stored()
    with shop.database.transaction():
        people = shop.put("nobody", shop.day + 40, "canceled")
        assert shop.replaced(people if touched else None) == 1
    after = shop.stored()
    [grown] = {new["recency_days"] - old["recency_days"] for old, new in zip(before, after, strict=True)}
    assert grown >= 40 and shop.as_computed()
    assert shop.night(changes=0, touched=touched) == (0, set()) if touched else True


RECENCY = {
    "whole": "{days}",
    "large": "{days} + 5000000000 - 5000000000",
    "decimal": "CAST({days} AS DECIMAL(12, 2))",
    "narrow": "CAST({days} AS DECIMAL(5, 1))",
    "half days": "CAST({days} AS DECIMAL(12, 2)) / 2",
    "double": "POWER({days}, 1)",
    "thirds": "POWER({days}, 1) / 3",
    "some none": "NULLIF({days}, 4)",
    "odd ones": "CASE COUNT(*) WHEN 2 THEN 7000000 WHEN 4 THEN -400000 ELSE {days} END",
    "no days": "CAST(7.250 AS DECIMAL(12, 3))",
}


@pytest.mark.parametrize("kind", RECENCY)
def test_recency_is_what_the_sql_gives(shop: Shop, tmp_path: Path, kind: str) -> None:
    """Of any type, whether it grows with the days or not."""
    own(shop, tmp_path, RECENCY[kind].format(days=days(shop.engine)))
    shop.night(changes=50)
    with shop.database.rolled_back():
        wanted = features.require_shape(shop.database, shop.config)
    assert features._without_id(features._table_shape(shop.database)) == features._without_id(wanted)
    for number in range(4):
        shop.night(touched=number > 1, changes=3)
        assert shop.as_computed(), number
        with shop.database.transaction():
            people = shop.put("late", shop.day + 9)
            written = shop.replaced(people if number % 2 else None)
        assert shop.as_computed(), number
        if kind in ("whole", "large", "decimal", "double"):
            assert written == 2  # the customer, and the day


def test_values_that_are_equal_and_look_otherwise(shop: Shop, tmp_path: Path) -> None:
    """Such as 1.0 and 1.00, 0 and -0, 'a' and 'a '."""
    at = '(SELECT COUNT(*) FROM "products")'
    more = f""",
        CASE {at} WHEN 0 THEN 'a' ELSE 'a ' END AS "word",
        CASE {at} WHEN 0 THEN POWER(0, 1) ELSE -POWER(0, 1) END AS "nought",
        CASE {at} WHEN 0 THEN 1.0 ELSE 1.00 END AS "scale" """
    own(shop, tmp_path, days(shop.engine), more=more)
    shop.night(changes=30)
    shop.run("INSERT INTO products (product_id) VALUES ('x')")
    shop.night(changes=0)
    assert shop.as_computed()


def test_sql_that_is_not_per_customer_is_not_believed(shop: Shop, tmp_path: Path) -> None:
    """Where the config says that it is, customers that are not touched tell."""
    everybody = ', (SELECT COUNT(*) FROM "orders") AS "of_all"'
    for declared in (False, True):
        own(shop, tmp_path, days(shop.engine), per_customer=declared, more=everybody)
        shop.night(changes=30)
        for _ in range(3):
            shop.night(touched=True, changes=1)
            assert shop.as_computed()


def test_ids_are_texts_that_mean_nothing(shop: Shop, tmp_path: Path) -> None:
    """To the statement that they stand in."""
    strange = {"'", "\\", "\\'", "%s", "%(a)s", "{{ x }}", "é", "; DROP TABLE orders; --", '"', "😀"}
    shop.night(changes=30)
    with shop.database.transaction():
        for person in strange:
            shop.put(person, 1, paid="10.00")
        assert shop.replaced(strange) >= len(strange)
    with shop.database.transaction():
        for person in strange:
            shop.put(person, 1, paid="20.00")
        assert shop.replaced(strange) == len(strange)
    assert {row["monetary"] for row in shop.stored() if row["customer_unique_id"] in strange} == {31}


def old_version(shop: Shop) -> None:
    """Put the table of an older version in the place of what this one has made."""
    for statement in (
        "CREATE TABLE before_view AS SELECT * FROM customer_features",
        "DROP VIEW customer_features CASCADE",
        "DROP TABLE customer_features_data",
        "DROP TABLE customer_features_as_of",
        "ALTER TABLE before_view RENAME TO customer_features",
    ):
        shop.run(statement)


@pytest.mark.parametrize("features_of_ones_own", [False, True])
def test_the_table_of_an_older_version_becomes_a_view(shop: Shop, tmp_path: Path, features_of_ones_own: bool) -> None:
    shop.night(changes=30)
    rows = shop.stored()
    old_version(shop)
    shop.database.make_own_tables()
    assert shop.stored() == rows
    if features_of_ones_own:
        own(shop, tmp_path, days(shop.engine))
    with suppress(ZeroDivisionError):  # a run that fails
        if not shop.database.transactional_ddl:
            features.make_table(shop.database, shop.config)
        with shop.database.transaction():
            shop.put("new", shop.day + 1)
            shop.replaced()
            raise ZeroDivisionError
    if shop.database.transactional_ddl or not features_of_ones_own:
        assert shop.stored() == rows
    shop.night()
    assert shop.as_computed()
    [kind] = shop.database._run(
        "SELECT table_type AS kind FROM information_schema.tables WHERE table_name = 'customer_features'"
        f" AND table_schema = {shop.engine.schema}"
    )[0]
    assert kind == {"kind": "VIEW"}


@on_servers
@pytest.mark.parametrize("older", [False, True])
def test_who_may_read_the_features_still_may(shop: Shop, database_url: str, tmp_path: Path, older: bool) -> None:
    """With no right but that, after a table has become a view, and after it got other columns."""
    engine, name = shop.engine, f"{urlsplit(database_url).path[1:]}_r"[-30:]
    shop.night(changes=30)
    if older:
        old_version(shop)
    ask(engine, database_url, engine.make_user.format(name))
    try:
        ask(engine, database_url, f"GRANT SELECT ON customer_features TO {name}")
        if older:
            shop.database.make_own_tables()
        else:
            own(shop, tmp_path, days(engine))
        shop.night()
        parts = urlsplit(database_url)
        place = parts._replace(netloc=f"{name}:secret@{parts.netloc.rpartition('@')[2]}").geturl()
        assert len(ask(engine, place, VIEW)) == len(shop.stored()) > 5
        with pytest.raises(engine.driver_error, match="denied"):
            ask(engine, place, "SELECT * FROM customer_features_data")
    finally:
        for statement in engine.drop_role(name):
            ask(engine, database_url, statement)


@on_servers
def test_views_of_others_upon_an_older_table(shop: Shop) -> None:
    """They read what they have read, or the run says which they are and leaves all as it was."""
    shop.night(changes=30)
    old_version(shop)
    rows = shop.stored()
    shop.run("CREATE VIEW theirs AS SELECT * FROM customer_features")
    shop.database.make_own_tables()
    if shop.database.transactional_ddl:
        with pytest.raises(DatabaseError, match=r"cannot drop table customer_features .* theirs"):
            shop.night()
        assert shop.stored() == rows
        shop.run("DROP VIEW theirs")
    shop.night()
    assert shop.as_computed()
    if not shop.database.transactional_ddl:
        assert as_shown(shop.database._run("SELECT * FROM theirs ORDER BY 1")[0]) == as_shown(shop.stored())
