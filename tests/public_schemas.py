"""Shapes of well-known public schemas, as small catalogs: names from their documentation, with what lies beside them.

In public_schemas.txt, a line is a table. Of a column: `name type`, where the type is int, dec, date, text or other; `*`
behind it for the primary key, `!` for a unique one, `>table.column` for a foreign key. Below, after `=`: what is right
as customer, amount, order and date, with | between them; several right ones have a space between them; - is none.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from job.setup.shop import Link, Shop, ShopColumn, ShopKeys
from job.tables import Name

TEXT = Path(__file__).with_suffix(".txt")
KINDS = {"int": "whole", "dec": "decimal"}


class Case(NamedTuple):
    """A schema, and what is right of it: the names that may come first for each role; -: none."""

    name: str
    shop: Shop
    right: dict[str, list[str]]


def cases() -> Iterator[Case]:
    """Read the file."""
    for block in TEXT.read_text().strip().split("\n\n"):
        title, *tables, right = block.splitlines()
        parts = [part.split() for part in right.removeprefix("=").split("|")]
        yield Case(title[2:], shop(tables), dict(zip(("customer", "amount", "order", "date"), parts, strict=True)))


def shop(lines: list[str]) -> Shop:
    """A catalog of lines as the file has them."""
    columns: list[ShopColumn] = []
    keys: dict[Name, ShopKeys] = {}
    for line in lines:
        table, _, rest = line.partition(": ")
        name, primary, unique, links = Name(None, table), [], [], []
        for part in rest.split(", "):
            column, kind, *to = part.split()
            kind, mark = kind.rstrip("*!"), kind[-1]
            columns.append(ShopColumn("shop", True, table, column, kind, KINDS.get(kind, kind)))
            primary += [column] if mark == "*" else []
            unique += [(column,)] if mark == "!" else []
            links += [Link(name, column, Name(None, one[1:].split(".")[0]), one.split(".")[1]) for one in to]
        keys[name] = ShopKeys(tuple(primary), tuple(unique), tuple(links))
    return Shop(columns, keys)
