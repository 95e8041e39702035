"""Which columns come first, in the shapes of schemas that shops have."""

from public_schemas import Case, cases, shop

from job.setup import ranking
from job.setup.shop import Shop, ShopColumn
from job.tables import Name

CASES = list(cases())


def wrong(case: Case) -> dict[str, str]:
    """The roles whose first column is not right, with what came first."""
    found = {role: str(column) if column else "-" for role, column in ranking.first(case.shop).items()}
    return {role: found[role] for role, names in case.right.items() if found[role] not in names}


def test_the_right_columns_come_first_in_what_shops_have() -> None:
    missed = {case.name: found for case in CASES if (found := wrong(case))}
    assert len(CASES) >= 40 and len(CASES) - len(missed) >= len(CASES) * 0.9, missed


def linked(*tables: str) -> dict[str, list[str]]:
    """The tables that a row of the first one leads to, and by which columns."""
    found = shop(list(tables))
    ways = found.ways(Name(None, tables[0].partition(":")[0]))
    return {str(table): [link.column for link in way] for table, way in ways.items() if way}


def test_what_leads_to_a_table() -> None:
    """Foreign keys; else names; and nothing where two columns might be meant."""
    lines, orders = "lines: id int*, order_id int, price dec", "orders: id int*, client_id int, day date"
    assert linked(lines, orders, "clients: id int*") == {"orders": ["order_id"], "clients": ["order_id", "client_id"]}
    assert linked("lines: order_id int", "orders: order_id int") == {"orders": ["order_id"]}
    assert linked("lines: order_id int", "orders: day date") == {}
    two = "moves: id int*, sender int >people.id, receiver int >people.id"
    assert linked(two, "people: id int*") == {}
    assert linked("moves: id int*, sender int >people.id, people_id int", "people: id int*") == {"people": ["sender"]}


def test_names_lead_to_no_other_schema() -> None:
    columns = [
        ShopColumn("shop", True, "lines", "order_id", "INTEGER", "whole"),
        ShopColumn("old", False, "orders", "id", "INTEGER", "whole"),
    ]
    assert list(Shop(columns).ways(Name(None, "lines"))) == [Name(None, "lines")]
    here = [columns[0], ShopColumn("shop", True, "orders", "id", "INTEGER", "whole")]
    assert list(Shop(here).ways(Name(None, "lines"))) == [Name(None, "lines"), Name(None, "orders")]


def test_texts_are_offered_where_their_names_say_what_they_are() -> None:
    found = shop(["sales_log: InvoiceDate text, Price text, Remark text, Customer text"])
    assert [str(column) for column in ranking.candidates(found, "amount")] == ["sales_log.Price"]
    first = {role: str(column) for role, column in ranking.first(found).items() if column}
    assert first["date"] == "sales_log.InvoiceDate" and first["customer"] == "sales_log.Customer"
