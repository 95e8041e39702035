"""Random histories of a small shop: what its files hold night after night, and what befalls database and job meanwhile.

The same seed gives the same history. What may happen is dealt from decks, so that everything happens soon.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

from shop import TABLES, Row, records

from job.setup.sample import write_shop

CUSTOMERS = 40  # to start with
KEYS = {
    "customers": ("customer_id",),
    "sellers": ("seller_id",),
    "products": ("product_id",),
    "product_category_name_translation": ("product_category_name",),
    "orders": ("order_id",),
    "order_items": ("order_id", "order_item_id"),
    "order_payments": ("order_id", "payment_sequential"),
    "order_reviews": ("review_id", "order_id"),
}
OF_AN_ORDER = ("order_items", "order_payments", "order_reviews")
PARENTS = {"customers": "customer_id", "orders": "order_id", "products": "product_id", "sellers": "seller_id"}
REFERENCES = [("orders", "customer_id"), ("order_items", "product_id"), ("order_items", "seller_id")]
REFERENCES += [(table, "order_id") for table in OF_AN_ORDER]
TEXTS = (
    "",
    "niterói",
    "a,b",
    'said "so"',
    "two\nlines",
    "two\r\nlines",
    " first a space",
    "o'brien",
    "NULL",
    "\\N",
    "\\",
)
STATUS = ("delivered", "delivered", "delivered", "shipped", "canceled", "unavailable")
TIMES = "%Y-%m-%d %H:%M:%S"
# Columns with values that they may get.
VALUES: dict[tuple[str, str], Sequence[str]] = {
    ("customers", "customer_city"): TEXTS,
    ("sellers", "seller_city"): TEXTS,
    ("products", "product_category_name"): ("", "perfumaria", "livros"),
    ("products", "product_weight_g"): ("", "0", "250", "1000"),
    ("product_category_name_translation", "product_category_name_english"): TEXTS,
    ("geolocation", "geolocation_lat"): ("-22.5", "-3", "0.1", ""),
    ("orders", "order_status"): STATUS,
    ("orders", "order_purchase_timestamp"): ("2017-02-03 04:05:06", "2018-01-01 00:00:00", "2018-08-08 08:08:08.5"),
    ("orders", "order_delivered_customer_date"): ("", "2018-03-04 05:06:07"),
    ("order_items", "price"): ("0", "7.77", "1234.50"),
    ("order_payments", "payment_value"): ("0", "10", "10.00", "99.99", "2500"),
    ("order_payments", "payment_type"): ("", "boleto", "voucher"),
    ("order_reviews", "review_score"): ("1", "3", "5"),
    ("order_reviews", "review_comment_message"): TEXTS,
}
# Columns that may be written otherwise, of the same value.
DECIMALS = [("order_payments", "payment_value"), ("order_items", "price"), ("order_items", "freight_value")]
WHOLES = [("order_items", "order_item_id"), ("order_payments", "payment_sequential"), ("order_reviews", "review_score")]
MOMENTS = [("orders", "order_purchase_timestamp"), ("order_reviews", "review_creation_date")]
BAD_VALUES = (
    ("order_payments", "payment_value", "1.234"),
    ("order_payments", "payment_value", ""),
    ("order_items", "price", "much"),
    ("order_items", "order_item_id", "2147483648"),
    ("orders", "order_purchase_timestamp", "soon"),
    ("orders", "order_status", ""),
    ("customers", "customer_zip_code_prefix", "123456"),
    ("customers", "customer_unique_id", ""),
    ("products", "product_weight_g", "1.5"),
    ("geolocation", "geolocation_lat", "NaN"),
    ("order_reviews", "review_comment_message", "a\0b"),
)
BROKEN: dict[str, Callable[[str], str]] = {  # a record's line
    "lacks a field": lambda line: line.rpartition(",")[0],
    "has a field too many": lambda line: line + ",more",
    "has a quote within a field": lambda line: line.replace(",", ',a "word" and,', 1),
    "is blank": lambda line: "",
    "opens a quote": lambda line: line + '"',
}
LINE = "#"  # in a row: how its line is broken
Item = TypeVar("Item")


class Deck(Generic[Item]):
    """Deals its cards in a random order, all of them before any comes again."""

    def __init__(self, random: Random, cards: Iterable[Item]) -> None:
        self._random, self._cards, self._left = random, list(cards), list[Item]()

    def deal(self) -> Item:
        if not self._left:
            self._left = self._random.sample(self._cards, len(self._cards))
        return self._left.pop()


@dataclass
class Style:
    """How a file is written."""

    quoting: int = csv.QUOTE_MINIMAL
    line_end: str = "\n"
    bom: bool = False
    backwards: bool = False  # its columns
    capitals: bool = False  # its header
    open_end: bool = False  # without a line end after its last record


class Shop:
    """What the files hold, and all that may become of it; what a method does, it tells in words."""

    def __init__(self, folder: Path, random: Random) -> None:
        write_shop(folder, CUSTOMERS, seed=random.randrange(1000))
        self.random = random
        self.tables = {
            table: [{name: value or "" for name, value in row.items()} for row in records(folder / file)]
            for table, file in TABLES.items()
        }
        self.columns = {table: list(rows[0]) for table, rows in self.tables.items()}
        self._headers = dict(self.columns)
        self.styles = {table: Style() for table in TABLES}
        self.newest = max(datetime.strptime(row["order_purchase_timestamp"], TIMES) for row in self.tables["orders"])
        self.faults: list[Callable[[], object]] = []  # each is mended by a call
        self._faulty: list[Row] = []
        self._before: list[dict[str, list[Row]]] = []  # without faults

    # Picks

    def id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def sound(self, table: str) -> list[Row]:
        """The rows without a fault; never none, as the shop would have to be as good as empty."""
        return [row for row in self.tables[table] if not any(row is faulty for faulty in self._faulty)]

    def pick(self, table: str) -> Row:
        return self.random.choice(self.sound(table))

    def _time(self) -> str:
        """One that comes after all others, or long before."""
        if self.random.random() < 0.5:
            self.newest += timedelta(minutes=self.random.randrange(1, 3000))
            return self.newest.strftime(TIMES)
        return (self.newest - timedelta(minutes=self.random.randrange(600_000))).strftime(TIMES)

    def _drop(self, table: str, gone: Callable[[Row], bool]) -> None:
        self.tables[table] = [row for row in self.tables[table] if not gone(row)]

    def _add(self, table: str, row: Mapping[str, str]) -> None:
        """At a random place of the file, or at its end."""
        rows = self.tables[table]
        place = self.random.choice([len(rows), self.random.randrange(len(rows) + 1)])
        rows.insert(place, {column: row.get(column, "") for column in self.columns[table]})

    # Changes that the tables accept

    def orders(self) -> str:
        """New orders, late ones among them, of new customers and of old ones."""
        count = self.random.randrange(1, 4)
        for _ in range(count):
            person = self.pick("customers")["customer_unique_id"] if self.random.random() < 0.4 else self.id()
            customer, order = self.id(), self.id()
            place = self.pick("customers")["customer_zip_code_prefix"]
            of_person = {"customer_id": customer, "customer_unique_id": person, "customer_zip_code_prefix": place}
            self._add("customers", of_person)
            status = self.random.choice(STATUS)
            of_order = {"order_id": order, "customer_id": customer, "order_status": status}
            self._add("orders", of_order | {"order_purchase_timestamp": self._time()})
            for number in range(self.random.randrange(3)):
                self._item(order, number + 1)
            for number in range(self.random.randrange(3)):
                self._payment(order, number + 1)
            if self.random.random() < 0.5:
                review = {"review_id": self.id(), "order_id": order, "review_score": "4"}
                self._add("order_reviews", review | {"review_comment_message": self.random.choice(TEXTS)})
        return f"{count} orders"

    def _item(self, order: str, number: int) -> None:
        product, seller = self.pick("products")["product_id"], self.pick("sellers")["seller_id"]
        of_item = {"order_id": order, "order_item_id": str(number), "product_id": product, "seller_id": seller}
        self._add("order_items", of_item | {"price": "10.00", "freight_value": "1.5"})

    def _payment(self, order: str, number: int) -> None:
        value = f"{self.random.randrange(1, 40_000) / 100:.2f}"
        self._add("order_payments", {"order_id": order, "payment_sequential": str(number), "payment_value": value})

    def payment(self) -> str:
        """One more of an order that is there."""
        self._payment(self.pick("orders")["order_id"], self.random.randrange(100, 2_000_000_000))
        return "a payment"

    def parents(self) -> str:
        """A seller, and a product: what nothing refers to yet."""
        self._add("sellers", {"seller_id": self.id(), "seller_city": self.random.choice(TEXTS)})
        self._add("products", {"product_id": self.id(), "product_category_name": "livros"})
        return "a seller and a product"

    def values(self) -> str:
        """One to three values, of any table."""
        told = []
        for _ in range(self.random.randrange(1, 4)):
            table, column = self.random.choice(list(VALUES))
            row = self.pick(table)
            row[column] = self.random.choice(VALUES[table, column])
            told.append(f"{column} {row[column]!r}")
        return ", ".join(told)

    def written_otherwise(self) -> str:
        """The same value in other characters, also of a key."""
        table, column = self.random.choice(DECIMALS + WHOLES + MOMENTS)
        row = self.pick(table)
        before = row[column]
        if (table, column) in DECIMALS:
            number = Decimal(before)
            ways = [f"{number:.2f}", f"{number.normalize():f}", f"0{number:.2f}", f"+{number:.2f}", f"{number:.2f}00"]
        elif (table, column) in WHOLES:
            ways = [f"{int(before)}", f"+{int(before)}", f"0{int(before)}"]
        else:
            ways = [before, before.replace(" ", "T"), before.partition(".")[0] + ".500", before.removesuffix(":00")]
        row[column] = self.random.choice(ways)
        return f"{before} -> {row[column]}"

    def other_person(self) -> str:
        """A customer_id that becomes another person's."""
        self.pick("customers")["customer_unique_id"] = self.pick("customers")["customer_unique_id"]
        return "a customer_id of another person"

    def other_customer(self) -> str:
        """An order that goes to another customer."""
        self.pick("orders")["customer_id"] = self.pick("customers")["customer_id"]
        return "an order of another customer"

    def renamed(self) -> str:
        """An order with another id, and all that belongs to it."""
        before, after = self.pick("orders")["order_id"], self.id()
        for table in ("orders", *OF_AN_ORDER):
            for row in self.tables[table]:
                if row["order_id"] == before:
                    row["order_id"] = after
        return "an order with another id"

    def exchanged(self) -> str:
        """Two orders, or payments, that exchange what is no key."""
        table = self.random.choice(["orders", "order_payments"])
        one, other = self.random.sample(self.sound(table), 2)
        for column in self.columns[table]:
            if column not in KEYS[table]:
                one[column], other[column] = other[column], one[column]
        return f"two of {table} exchange all"

    def order_gone(self) -> str:
        order = self.pick("orders")["order_id"]
        for table in ("orders", *OF_AN_ORDER):
            self._drop(table, lambda row: row["order_id"] == order)
        return "an order gone"

    def person_gone(self) -> str:
        """With all orders, and all that belongs to them."""
        person = self.pick("customers")["customer_unique_id"]
        ids = {row["customer_id"] for row in self.tables["customers"] if row["customer_unique_id"] == person}
        orders = {row["order_id"] for row in self.tables["orders"] if row["customer_id"] in ids}
        self._drop("customers", lambda row: row["customer_id"] in ids)
        for table in ("orders", *OF_AN_ORDER):
            self._drop(table, lambda row: row["order_id"] in orders)
        return "a person gone"

    def child_gone(self) -> str:
        table = self.random.choice([*OF_AN_ORDER, "geolocation"])
        row = self.pick(table)
        self._drop(table, lambda other: other is row)
        return f"one of {table} gone"

    def same_again(self) -> str:
        """In a table without a key, where a record may come twice."""
        self._add("geolocation", self.pick("geolocation"))
        return "a place again"

    def shuffled(self) -> str:
        tables = self.random.sample(list(TABLES), 3)
        for table in tables:
            self.random.shuffle(self.tables[table])
        return f"{', '.join(tables)} in another order"

    def restyled(self) -> str:
        """The same records in another dress."""
        table = self.random.choice(list(TABLES))
        self.styles[table] = Style(
            self.random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
            self.random.choice(["\n", "\r\n"]),
            *(self.random.random() < 0.3 for _ in range(4)),
        )
        return f"{table}: {self.styles[table]}"

    def nothing(self) -> str:
        return ""

    def as_it_was(self) -> str:
        """All files as they were some nights ago."""
        if self.faults or not self._before:
            return ""
        self.tables = deepcopy(self.random.choice(self._before))
        return "files of some nights ago"

    # Faults

    def _fault(self, row: Row, mend: Callable[[], object]) -> None:
        self._faulty.append(row)
        self.faults.append(mend)

    def twice(self) -> str:
        """A record that comes again, and may then come first."""
        return self._again({})

    def key_again(self) -> str:
        """A record of a known key, with another value."""
        return self._again(VALUES)

    def _again(self, values: Mapping[tuple[str, str], Sequence[str]]) -> str:
        table = self.random.choice(list(KEYS))
        row = dict(self.pick(table))
        for (of, column), choice in values.items():
            if of == table and column not in KEYS[table]:
                row[column] = self.random.choice(choice)
        self.tables[table].insert(self.random.randrange(len(self.tables[table]) + 1), row)
        self._fault(row, lambda: self._drop(table, lambda other: other is row))
        return f"one of {table} twice"

    def parent_lost(self) -> str:
        table = self.random.choice(list(PARENTS))
        if len(self.tables[table]) < 2:
            return ""
        row = self.pick(table)
        self._drop(table, lambda other: other is row)
        self._fault(row, lambda: self.tables[table].append(row))
        return f"one of {table} lost"

    def orphan(self) -> str:
        table, column = self.random.choice(REFERENCES)
        return self._bad(table, column, "nobody")

    def bad_value(self) -> str:
        return self._bad(*self.random.choice(BAD_VALUES))

    def _bad(self, table: str, column: str, value: str) -> str:
        row = self.pick(table)
        before, row[column] = row[column], value
        self._fault(row, lambda: row.update({column: before}))
        return f"{column} {value!r}"

    def broken(self) -> str:
        table, how = self.random.choice(list(TABLES)), self.random.choice(list(BROKEN))
        row = self.pick(table)
        row[LINE] = how
        self._fault(row, lambda: row.pop(LINE))
        return f"a record of {table} {how}"

    def column_lost(self) -> str:
        table = self.random.choice(list(TABLES))
        column = self.random.choice(self.columns[table])
        return self._header(table, [name for name in self.columns[table] if name != column])

    def column_more(self) -> str:
        """Which load.unknown_columns may have ignored."""
        table = self.random.choice(list(TABLES))
        return self._header(table, [*self.columns[table], "note"])

    def _header(self, table: str, columns: list[str]) -> str:
        self._headers[table] = columns
        self._fault({}, lambda: self._headers.update({table: self.columns[table]}))
        return f"{table} has {', '.join(columns)}"

    def mend(self, count: int) -> str:
        """So many of the faults, the last ones first."""
        for _ in range(min(count, len(self.faults))):
            self.faults.pop()()
            self._faulty.pop()
        return f"{count} mended"

    # Files

    def write(self, folder: Path) -> None:
        folder.mkdir()
        for table, file in TABLES.items():
            (folder / file).write_bytes(self._text(table, self.styles[table]).encode())
        if not self.faults:
            self._before = [*self._before[-2:], deepcopy(self.tables)]

    def _text(self, table: str, style: Style) -> str:
        columns = self._headers[table][:: -1 if style.backwards else 1]
        header = _line([name.upper() if style.capitals else name for name in columns], style)
        lines = [header]
        for row in self.tables[table]:
            line = _line([row.get(column, "") for column in columns], style)
            lines.append(BROKEN[row[LINE]](line) if LINE in row else line)
        text = style.line_end.join(lines) + ("" if style.open_end else style.line_end)
        return ("\ufeff" if style.bom else "") + text


def _line(fields: Sequence[str], style: Style) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=style.quoting, lineterminator="\r\n").writerow(fields)  # type: ignore[arg-type]
    return stream.getvalue().removesuffix("\r\n")


CHANGES = (
    *[Shop.orders] * 4,
    *[Shop.values] * 4,
    *(Shop.payment, Shop.parents, Shop.written_otherwise, Shop.other_person, Shop.other_customer, Shop.renamed),
    *(Shop.exchanged, Shop.order_gone, Shop.person_gone, Shop.child_gone, Shop.same_again, Shop.shuffled),
    *(Shop.restyled, Shop.as_it_was),
)
FAULTS = (
    *(Shop.twice, Shop.key_again, Shop.parent_lost, Shop.orphan, Shop.bad_value, Shop.broken, Shop.parent_lost),
    *(Shop.bad_value, Shop.key_again, Shop.column_lost, Shop.column_more),
)

# What may become of the config: a section's key, and its values.

MODES: tuple[Any, ...] = (
    *["mirror"] * 4,
    dict.fromkeys(["customers", "sellers", "products"], "merge"),  # not of children alone, which would lose parents
    dict.fromkeys(KEYS, "merge") | {"geolocation": "append"},
)
AXES = ([("monetary", "log1p"), ("frequency", "log1p")], [("monetary", "sqrt"), ("recency_days", "none")])
SETTINGS: dict[tuple[str, str], Sequence[Any]] = {
    ("load", "on_error"): ("quarantine", "quarantine", "abort"),
    ("load", "max_rejects"): (1000, "10%"),
    ("load", "mode"): MODES,
    ("load", "unknown_columns"): ("refuse", "ignore"),
    ("load", "timestamp_formats"): ([], ["%d.%m.%Y %H:%M"]),
    ("clustering", "k"): (2, 3, 4),
    ("clustering", "features"): [
        [{"column": column, "transform": transform} for column, transform in axes] for axes in AXES
    ],
    ("lifecycle", "refit"): ("always", "never", "on_drift"),
    ("segments", "names"): ([], ["VIP"]),
    ("features", "sql"): (None, None, "features.sql"),  # the shop's own, which look across customers
}
OWN_FEATURES = """
SELECT "customer_unique_id", "monetary", "frequency", "recency_days",
    RANK() OVER (ORDER BY "monetary") AS "rank_of_spend"
FROM (
    SELECT "customers"."customer_unique_id", SUM("order_payments"."payment_value") AS "monetary",
        COUNT(DISTINCT "orders"."order_id") AS "frequency",
        COUNT(DISTINCT "orders"."order_status") AS "recency_days"
    FROM "orders"
    JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
    JOIN "order_payments" ON "order_payments"."order_id" = "orders"."order_id"
    GROUP BY "customers"."customer_unique_id"
) AS "person"
"""


@dataclass
class Night:
    """What a night finds, and what befalls it."""

    number: int
    data: Path  # the folder of files
    settings: dict[str, dict[str, Any]]  # sections of the config
    told: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)  # statements that somebody runs before
    restored: bool = False  # the database is as it was some nights ago
    rolled_back: bool = False  # the labels are those of the last night but one
    memory: str = ""  # what became of the job's files
    killed_at: int = 0  # so many functions from its start, or, late, from where it writes its end
    killed_late: bool = False
    score: bool = False
    attempt: int = 1

    @property
    def run_id(self) -> str:
        return f"night-{self.number:04}-{self.attempt}"


class History:
    """Nights in their order; whoever lives them tells whether one was refused."""

    def __init__(self, seed: str, folder: Path, enforced: bool) -> None:
        """Enforced: the database itself refuses rows that lack a parent."""
        self.folder, self.refused, self.number = folder, False, 0
        self._random = Random(seed)
        self._enforced = enforced
        self._shop = Shop(folder / "start", self._random)
        self._settings = {key: self._random.choice(values) for key, values in SETTINGS.items()}
        self._settings["load", "mode"] = MODES[0]
        self._changes, self._faults = Deck(self._random, CHANGES), Deck(self._random, FAULTS)
        self._hands = Deck(self._random, (_of_shop, _of_shop, _of_keys, _of_labels, _of_features))
        self._befalling = Deck(
            self._random,
            (
                *(self._by_hand, self._by_hand, self._by_hand, self._config, self._config, self._restored),
                *(self._all_restored, self._rolled_back),
                *(self._deleted, self._older, self._foreign, self._damaged, self._killed, self._killed_late),
                *(self._few_may_move, self._score, self._nothing_new),
            ),
        )
        (folder / "features.sql").write_text(OWN_FEATURES)

    def night(self) -> Night:
        """The next: every other one is a plain one, with changes alone."""
        self.number += 1
        shop, random = self._shop, self._random
        night = Night(self.number, self.folder / f"night {self.number}", {})
        if self.number > 1:
            if shop.faults and random.random() < (0.75 if self.refused else 0.2):
                night.told.append(shop.mend(random.choice([1, len(shop.faults)])))
            befalls = self._befalling.deal() if self.number % 2 == 0 else None
            if befalls != self._nothing_new:
                night.told += [self._changes.deal()(shop) for _ in range(random.randrange(1, 5))]
                if random.random() < (0.2 if self._settings["load", "on_error"] == "abort" else 0.4):
                    night.told.append(self._faults.deal()(shop))
            if befalls:
                befalls(night)
        night.settings = self._sections() | night.settings
        shop.write(night.data)
        return night

    def _sections(self) -> dict[str, dict[str, Any]]:
        """The config's, in which labels may move as they like, so that few nights are refused for it."""
        found: dict[str, dict[str, Any]] = {"lifecycle": {"max_moved": "100%"}, "checks": {"stability": "off"}}
        for (section, key), value in self._settings.items():
            found.setdefault(section, {})[key] = value
        if found["features"]["sql"]:
            found["features"]["sql"] = str(self.folder / "features.sql")
        return found

    def _by_hand(self, night: Night) -> None:
        for _ in range(self._random.randrange(1, 3)):
            night.by_hand += self._hands.deal()(self._shop, self._enforced)
        night.told += night.by_hand

    def _config(self, night: Night) -> None:
        key = self._random.choice(list(SETTINGS))
        self._settings[key] = self._random.choice(SETTINGS[key])
        night.told.append(f"{'.'.join(key)}: {self._settings[key]}")

    def _few_may_move(self, night: Night) -> None:
        night.settings = {"lifecycle": self._sections()["lifecycle"] | {"max_moved": "1%"}}
        night.told.append("few may move")

    def _restored(self, night: Night) -> None:
        night.restored = True
        night.told.append("the database is restored")

    def _all_restored(self, night: Night) -> None:
        """The database and the job's files, as of one moment."""
        night.restored, night.memory = True, "older"
        night.told.append("the database is restored")

    def _rolled_back(self, night: Night) -> None:
        night.rolled_back = True
        night.told.append("rolled back")

    def _deleted(self, night: Night) -> None:
        night.memory = "deleted"

    def _older(self, night: Night) -> None:
        night.memory = "older"

    def _foreign(self, night: Night) -> None:
        night.memory = "foreign"

    def _damaged(self, night: Night) -> None:
        night.memory = "damaged"

    def _killed(self, night: Night) -> None:
        night.killed_at = self._random.randrange(1, 600)
        night.told.append(f"killed at function {night.killed_at}")

    def _killed_late(self, night: Night) -> None:
        night.killed_at, night.killed_late = self._random.randrange(30, 90), True
        night.told.append(f"killed {night.killed_at} calls after its end is written")

    def _score(self, night: Night) -> None:
        night.score = True
        night.told.append("score")

    def _nothing_new(self, night: Night) -> None:
        night.told.append("nothing new")


# What somebody changes by hand: statements that every engine takes.


def _of_shop(shop: Shop, enforced: bool) -> list[str]:
    """Values, which leave as many rows."""
    payment, order, place = shop.pick("order_payments"), shop.pick("orders"), shop.pick("geolocation")
    city = place["geolocation_city"].replace("'", "''")
    return shop.random.choice(
        [
            [f"UPDATE order_payments SET payment_value = 1.5 WHERE order_id = '{payment['order_id']}'"],
            [f"UPDATE orders SET order_status = 'canceled' WHERE order_id = '{order['order_id']}'"],
            ["UPDATE order_reviews SET review_score = review_score + 1"],
            [f"UPDATE geolocation SET geolocation_state = 'XX' WHERE geolocation_city = '{city}'"],
            ["UPDATE products SET product_weight_g = NULL"],
        ]
    )


def _of_keys(shop: Shop, enforced: bool) -> list[str]:
    """Rows that come or go, or go elsewhere."""
    order, customer = shop.pick("orders")["order_id"], shop.pick("customers")["customer_id"]
    number = shop.random.randrange(100, 2_000_000_000)
    gone = [f"DELETE FROM {table} WHERE order_id = '{order}'" for table in (*OF_AN_ORDER, "orders")]
    paid = f"INSERT INTO order_payments SELECT MIN(order_id), {number}, 'by hand', 1, 5 FROM orders"
    ways = [
        gone,
        gone[1:2],
        [paid],
        [gone[1], paid],
        [f"UPDATE customers SET customer_unique_id = 'by hand' WHERE customer_id = '{customer}'"],
        [f"UPDATE orders SET customer_id = (SELECT MAX(customer_id) FROM customers) WHERE order_id = '{order}'"],
    ]
    if not enforced:
        ways += [["DELETE FROM sellers"], [f"DELETE FROM orders WHERE order_id = '{order}'"]]
    return shop.random.choice(ways)


def _of_labels(shop: Shop, enforced: bool) -> list[str]:
    person = shop.pick("customers")["customer_unique_id"]
    return shop.random.choice(
        [
            [f"UPDATE customers SET segment = 'Z' WHERE customer_unique_id = '{person}'"],
            ["UPDATE customers SET segment = NULL"],
            [f"UPDATE customer_segments SET segment = 'B' WHERE customer_unique_id = '{person}'"],
            [f"UPDATE customer_segments SET segment_name = 'other' WHERE customer_unique_id = '{person}'"],
            [f"DELETE FROM customer_segments WHERE customer_unique_id = '{person}'"],
        ]
    )


def _of_features(shop: Shop, enforced: bool) -> list[str]:
    person = shop.pick("customers")["customer_unique_id"]
    return shop.random.choice(
        [
            ["UPDATE customer_features_data SET monetary = monetary + 1000"],
            [f"UPDATE customer_features_data SET frequency = 9 WHERE customer_unique_id = '{person}'"],
            [f"DELETE FROM customer_features_data WHERE customer_unique_id = '{person}'"],
        ]
    )
