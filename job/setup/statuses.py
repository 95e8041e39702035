"""Which orders are none: cancelled, refunded and failed ones, by the words of their statuses. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from job.setup.shop import Shop, ShopColumn, flat
from job.tables import Name

NAMED = re.compile(r"status|(^|_)state(_|$)|estado|situacao|situacion|zustand|statut|(^|_)etat(_|$)|stato(_|$)")
STATES = re.compile(r"(^|_)(stat(e|u)s|estados|statuts|etats)(_|$)")  # what their names are in
ELSEWHERE = re.compile(
    r"ship|billing|fulfil|address|country|county|marital|customer|client|kunde|user|carrier|deliver|entrega|uf(_|$)|city"
    r"|line_?status|tax|sync|invent|stock"
)
NOT_COUNTED = re.compile(
    r"cancel|canceld|annul|anulad|storn|refunded|refund$|reembols|rembours|erstattet|ruckerstatt|devol|devuelt|returned"
    r"|retourn|ruckgabe|zuruckgegeben|fail|falhou|fallid|fehlgeschlagen|echoue|declin|reject|rechaz|rejeit|abgelehnt"
    r"|refuse|void|expired|abgelaufen|expirad|draft|rascunho|borrador|brouillon|entwurf|(^|_)cart$|abandon|trash|deleted"
    r"|geloscht|excluid|eliminad|supprime|fraud|chargeback|unpaid|nao_pago|unbezahlt|impaye|pending_payment|wc_pending"
    r"|(^|_)error(_|$)|erreur|unavailable|(^|_)test(_|$)|recusad|extornad|estornad"
)
PARTLY = re.compile(r"part|teil|not_|nicht|non_")  # refunded in part: the order was one
COUNTED = re.compile(
    r"complet|paid|pay[ei]|deliver|ship|process|clos|done|fulfil|approv|invoiced|succe|captur|settle|finish|open|new"
    r"|creat|pending|confirm|active|(^|_)sale|accept|authori|entreg|enviad|pago|pagad|abgeschl|bezahlt|versand|versend"
    r"|geliefert|offen|neu|livr|exped|regle|termin|valid|en_cours|aprovad|conclu|faturad|novo|nuevo|hold|wait|part"
    r"|bearbeit|erledigt|on_the_way|transit|ready|placed|received|good|ok$|purchase|active"
)
NAME = re.compile(r"name|nome|nom(bre)?(_|$)|title|titel|label|bezeichnung|descri|status$|state$|text$")
MOST_NAMES = 500  # in as many languages
MOST = 40  # different ones that a column of statuses has
FLAGS = re.compile(r"cancel|storn|annul|anul|void|deleted|trash|is_test|test_order")

TIMES = re.compile(r"(^|_)(at|on|date|time|datum|fecha|data)(_|$)|datum$|date$")


class Status(NamedTuple):
    """A value of a column of statuses, and how many rows have it."""

    column: ShopColumn
    value: str
    rows: int
    name: str = ""  # by the table that says what the values mean

    def __str__(self) -> str:
        return f"{self.value} {self.name}".strip()

    @property
    def called(self) -> set[str]:
        """What it may be named by."""
        return {self.value, self.name, str(self)} - {""}

    @property
    def is_none(self) -> bool:
        """Whether its words say that it is no purchase."""
        words = flat(str(self))
        return bool(NOT_COUNTED.search(words)) and not PARTLY.search(words)


def columns(shop: Shop, tables: Iterable[Name]) -> list[ShopColumn]:
    """Return the columns of the tables that may hold an order's status, by name and type."""
    return [
        column
        for table in tables
        for column in shop.tables.get(table, ())
        if NAMED.search(flat(column.name))
        and not ELSEWHERE.search(flat(column.name))
        and column.kind in ("text", "whole", "other")
    ]


def flags(shop: Shop, tables: Iterable[Name]) -> list[ShopColumn]:
    """Return the columns that say of an order that, or when, it was cancelled."""
    return [
        column
        for table in tables
        for column in shop.tables.get(table, ())
        if FLAGS.search(name := flat(column.name))
        and (column.kind == "date" or is_boolean(column) or (column.kind == "text" and TIMES.search(name)))
    ]


def lookups(shop: Shop, column: ShopColumn) -> list[tuple[ShopColumn, ShopColumn]]:
    """Return where names of the values of a column of statuses may be: a key and a text beside it, the likely first."""
    led_to = {(link.parent, link.parent_column) for link in shop.links(column.of) if link.column == column.name}
    keys = [
        other
        for table, others in shop.tables.items()
        for other in others
        if table != column.of
        and ((table, other.name) in led_to or (_names_statuses(table) and _may_be_key(other, column)))
    ]
    found = [(key, name) for key in keys if (name := _name_beside(shop, key))]

    def unlikely(lookup: tuple[ShopColumn, ShopColumn]) -> tuple[bool, bool]:
        key, name = lookup
        return not NAME.search(flat(name.name)), (key.of, key.name) not in led_to

    return sorted(found, key=unlikely)


def _names_statuses(table: Name) -> bool:
    return bool(NAMED.search(flat(table.table)) or STATES.search(flat(table.table)))


def _may_be_key(other: ShopColumn, column: ShopColumn) -> bool:
    name = flat(other.name)
    alike = name in (flat(column.name), "id", "code") or (NAMED.search(name) and re.search(r"(^|_)id(_|$)", name))
    return other.kind == column.kind and bool(alike)


def _name_beside(shop: Shop, key: ShopColumn) -> ShopColumn | None:
    texts = [column for column in shop.tables[key.of] if column.kind == "text" and column != key]
    named = [column for column in texts if NAME.search(flat(column.name))]
    return next(iter(named or texts), None)


def listed(found: Iterable[Status]) -> str:
    """Return the statuses with their rows."""
    return ", ".join(f"{status} ({status.rows:,})" for status in found)


def is_boolean(column: ShopColumn) -> bool:
    """Return whether the type is a yes or no."""
    return column.type.lower() in ("boolean", "bool", "tinyint(1)")


def is_clear(found: Sequence[Status]) -> bool:
    """Return whether the words of a column's statuses say what they are: codes do not."""
    return any(status.is_none or COUNTED.search(flat(str(status))) for status in found)


def are_statuses(column: ShopColumn, found: Sequence[Status]) -> bool:
    """Return whether the values are an order's: there are several, few, and none is a federal state."""
    if not 1 < len(found) <= MOST:
        return False
    return "stat" in flat(column.name).replace("state", "") or is_clear(found)
