"""Which columns of a shop hold who bought, for how much and when: by name, type, keys and what leads where.

Pure: over a catalog, whatever has made it. Points are only compared with each other.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from job.setup.shop import Shop, ShopColumn, flat
from job.tables import Name

KINDS = {  # what a column of a role may be, the likely first
    "amount": ("decimal", "whole", "text"),
    "date": ("date", "text", "whole"),
    "customer": ("whole", "text", "other", "decimal"),
    "order": ("whole", "text", "other", "decimal"),
    "quantity": ("whole", "decimal", "text"),
}
USUAL = {  # of these; others may hold it, too, if the name says so
    "amount": ("decimal", "whole"),
    "date": ("date",),
    "customer": ("whole", "text", "other"),
    "order": ("whole", "text", "other"),
    "quantity": ("decimal", "whole"),
}
OTHER_TABLE = 1.5  # points that each step from table to table costs
UNNAMED = -100.0
ENOUGH = 14.0  # points of an amount's name: more words of money make it no likelier
LEAST = 4.0  # points of a name that says what a column is


class Words(NamedTuple):
    """What names may have in them, as patterns of `flat` names, with the points that it is worth."""

    points: Mapping[str, float]

    def score(self, name: str) -> float:
        """Return the points of a name."""
        return sum(points for pattern, points in self.points.items() if re.search(pattern, name))


ORDER = (
    "order|purchase|sale(?!s_?(person|rep))|pedido|compra|venda|venta|bestell|auftrag|commande|achat|vente|kauf|"
    "invoice|rechnung|facture|factura|fatura|beleg|receipt|recibo|ticket|booking|reserva|transac|transak|payment|zahlung|"
    "pagamento|paiement|charge|donation|umsatz|checkout(?!_draft)"
)
NUMBER = r"(^|_)(id|ids|no|nr|num|number|numero|nummer|key|code|uuid|guid|unique)(_|$)|key$|nummer$|nr$|id$"
CUSTOMER = Words(
    {
        r"customer|(^|_)cust(_|$)|cust(key|id|no)|client|kunde|buyer|buyid|comprador|acheteur|kaufer|kaeufer|klant": 10,
        r"household|haushalt|foyer|shopper|consumidor|consumer|partner|donor": 9,
        r"(^|_)users?(_|$)|userid|usuario|utilisateur|benutzer|subscriber|member|mitglied|passenger|socio|billto": 8,
        r"e?_?mail": 7,
        r"person|people|contact|kontakt|account|konto|guest|patient|visitor|cpf": 5,
        NUMBER: 3,
        r"(^|_)unique(_|$)": 7,
        r"(^|_)(first|last|full|nick|sur|user|display)?_?name(_|$)|nom(e|bre)?(_|$)|name$|phone|fone|telefon|(^|_)tel(_|$)"
        r"|fax|address|adress|endereco|direccion|strasse|city|cidade|ciudad|ville|stadt|(^|_)ort(_|$)|state|country|land$"
        r"|zip|postal|postcode|plz|cep(_|$)|prefix": -9,
        r"note|comment|remark|group|type|class|tax|vat|(^|_)ip|agent|gender|sex|dob|birth|(^|_)is_|locale|lang|company"
        r"|segment|status|currency|ship|invoice|billing|image|url|since|created|updated|modified|date|desc|text|html"
        r"|level|count|store|password|hash|token|reference|order|cart|card|last_|import|lock|balance|credit"
        r"|firm|title|salut|anrede|age$|alter$|optin|sent|send": -9,
        r"seller|vendor|supplier|lieferant|employee|mitarbeiter|staff|sales_?(person|rep|man|team)|rep(_|$)|support"
        r"|admin|creator|author|fornecedor|vendedor|manager|driver|courier|agent|cashier|write_uid|create_uid": -15,
    }
)
CENTS = re.compile(r"^cents?(_|$)|(?<!per)_cents?(_|$)|centavos|centimos|centimes|(^|_)pence(_|$)")
AMOUNT = Words(
    {
        r"total|gesamt|(^|_)sum(_|$)|summe|subtotal|total_?price": 6,
        r"grand": 8,
        r"^total$": 2,
        r"order_?total|total_?(amount|price|value|sales|sum|sale)|amount_?total|totalprice|ttc|overall"
        r"|(gesamt|rechnungs|bestell|auftrags|kauf)_?(betrag|preis|summe|wert)|valor_?total|importe_?total"
        r"|montant_?total|(precio|preco|prix)_?total|total_?(incl|bruto|brut|tax_incl)": 4,
        r"amount|(^|_)amt(_|$)|betrag|montant|importe|monto|valor|(^|_)vlr|value|wert|umsatz|revenue|receita|spen[dt]"
        r"|paid|bezahlt|pago|(^|_)paye|charge|turnover|fare|(^|_)sales(_|$)": 6,
        r"price|preis|prix|preco|precio|prezzo|prijs": 5,
        r"payment|pagamento|paiement|gross|brutto|incl|extended": 1,
        r"subtotal|sub_total|zwischensumme": -3,
        r"(^|_)(due|base|net|excl|netto|ht|local|real|original|tax_excl|before)(_|$)|without": -1.5,
        r"(^|_)tax(es)?(_|$)(?!incl)|tax_?(amt|amount|total)|total_tax|(^|_)vat|(^|_)iva(_|$)|mwst|steuer|(^|_)tva"
        r"|shipping|freight|frete|versand|livraison|envio|postage|porto|discount|descont|rabatt|descuento|remise"
        r"|nachlass|(^|_)fees?(_|$)|(^|_)tip|weight|gewicht|peso|poids|points|punkte|qty|quanti|menge|anzahl|cantidad"
        r"|refund|refunded|cost|kosten|custo|coste|cout|rate|percent|prozent|pct|(^|_)lat|(^|_)lng|(^|_)lon|count"
        r"|number|nummer|commission|budget|credit|balance|deposit|limit|cancel|stock|level|(^|_)min|(^|_)max|tender"
        r"|exchange|handling|surcharge|standard|wholesale|msrp|ecotax|wrapping|(^|_)score|rating|length|height|width"
        r"|gift|outstanding|reverse|items|adjust|profit|margin|salary|reduction|donated_|days|year|month|profile"
        r"|invoiced|offline|online|(^|_)version|transfer|application|captured|quota|ytd|last_year|bonus": -12,
        r"_ids?$|key$|^id_|(^|_)id(_|$)|is_|has_|(^|_)flag": -20,
    }
)
PURCHASES = Words(  # of a table's name: whether its amounts are purchases
    {
        ORDER: 6,
        r"order(?!_(item|line|detail|prod))|pedidos?$|bestellung|commandes?$|sales_order(?!_)|header": 1,
        r"item|line|detail|position|posten|ligne|linea|linha|produ[ck]|artikel|article": -6,
        rf"^(?!.*({ORDER})).*(customer|client|kunde|user|member|person|partner)": -6,
        r"cart|quote|draft|refund|credit|creditmemo|(^|_)tax|shipp|wish|histor|(^|_)log(_|$)|tmp|temp|archiv|backup"
        r"|(^|_)old|coupon|supplier|vendor|(^|_)purchas|invent|stock|expense|salar|payroll|budget|price|plan|(^|_)rule"
        r"|option|aggregat|summary|daily|monthly|grid|(^|_)idx|index|report|lookup|dispute|payout|balance|(^|_)fee"
        r"|carrier|return|address|work_?order|subscription|template|(^|_)pos_session|reminder|downloadable": -9,
    }
)
DATE = Words(
    {
        rf"({ORDER}|placed|booked|sold|vendido)": 3,
        r"paid": 1,
        r"creat|crea(do|cao|cion)|criad|cree|angelegt|erstellt|date_add|added|entered|placed|processed": 2,
        r"date|datum|fecha|data|(^|_)day|(^|_)tag(_|$)|jour|(^|_)dia(_|$)|time|zeit|hora|heure|stamp|(^|_)(at|on|ts|dt)(_|$)"
        r"|_am$|^am$|wann|when|placed|created|booked|ordered|sold": 4,
        r"updat|modif|chang|(^|_)upd|ship|deliver|liefer|livr|entrega|envio|versand|(^|_)due|requir|wanted|cancel|storn"
        r"|annul|delet|birth|geburt|nasc|nacim|naiss|dob|expir|estimat|approv|last|refund|return|valid|start|(^|_)end"
        r"|until|limit|login|closed|complet|effective|period|carrier|review|sync|import|export|commitment|(^|_)(via|by)(_|$)"
        r"|rental|pickup|planned|scheduled|trial|printed|faellig|fallig|echeance|vencim|receiptdate|commitdate"
        r"|notif|sent|email|signed|lock|receivable|invoice_date_|opened|archiv|first_": -7,
        r"gmt|utc": -3,
    }
)
NO_PURCHASE_DATES = re.compile(  # of tables that a purchase leads to, and that are none
    r"customer|client|kunde|user|member|person|partner|produ[ck]|item_master|article|artikel|store|shop|filial|country"
    r"|calendar|employee|address|catego|campaign|promo|coupon|film|track|album"
)
QUANTITY = Words(
    {
        r"quanti|(^|_)qty|qtd|qtde|(^|_)qte(_|$)|cantidad|(^|_)cant(_|$)|menge|anzahl|stuck|stueck|(^|_)units(_|$)"
        r"|(^|_)pieces|hoeveelheid|(^|_)qnt|quanity": 10,
        r"order|bestell|product|verkauf": 1,
        r"refund|ship|cancel|invoic|stock|reorder|return|backorder|deliver|received|scrap|reject|min|max|_id|reinject"
        r"|per_unit|available|on_hand|reserv|type|uom_id|(^|_)to_|qty_unit|storn": -20,
    }
)
ORDER_NUMBER = Words(
    {
        r"order|pedido|bestell|auftrag|commande|invoice|rechnung|facture|factura|fatura|beleg|receipt|recibo|ticket"
        r"|transac|transak|basket|(^|_)bon(_|$)|(^|_)sale|venda|venta|vente|purchase": 8,
        NUMBER: 3,
        r"date|datum|fecha|data|time|status|line|item|posi|detail|produ|type|total|amount|price|qty|quanti|count"
        r"|customer|client|kunde|(^|_)at(_|$)|is_|note|comment|source|channel|currency|address|day|dow|hour|week"
        r"|month": -12,
    }
)
UNIT_PRICE = re.compile(
    r"price|preis|prix|preco|precio|prezzo|prijs|unit_?(amount|value|cost)|valor_?unit|montant_?unit"
)
WHOLE_LINE = re.compile(r"total|gesamt|(^|_)sum|extended|(^|_)row|(^|_)line|subtotal|sub_total|posten|zeile")
CURRENCY = re.compile(r"currency(_code)?$|moeda|moneda|wahrung|devise")
TAXED = re.compile(r"_?(inc|exc|ex)l?_?tax(?:es)?$|_?tax_?(?:es_)?(incl|excl)$")
CARDS = {"amount": AMOUNT, "date": DATE, "customer": CUSTOMER, "order": ORDER_NUMBER, "quantity": QUANTITY}


def candidates(shop: Shop, role: str, amount: ShopColumn | None = None) -> list[ShopColumn]:
    """Return the columns that a role may have, the likely first.

    role: amount, date, customer, order or quantity. amount: the one that is chosen; the others are then of its table,
    and of those that it leads to.
    """
    ways = shop.ways(amount.of) if amount else None
    if role == "quantity" and amount:
        ways = {amount.of: []}
    offered = [
        column
        for column in shop.columns
        if column.kind in KINDS[role]
        and column != amount
        and (column.of in ways if ways is not None else column.offered)
        and (role not in ("amount", "quantity") or not shop.is_key(column))
    ]
    likely = [column for column in offered if column.kind in USUAL[role] or _says_so(shop, role, column)]
    points = {column: _points(shop, role, column, len(ways[column.of]) if ways else 0) for column in likely}
    return sorted(likely, key=lambda column: -points[column])  # equal ones stay in the order of the catalog


def _says_so(shop: Shop, role: str, column: ShopColumn) -> bool:
    """Whether the name of a column alone says that it is what the role needs."""
    if role == "date" and column.kind == "whole" and (shop.is_key(column) or re.search(NUMBER, flat(column.name))):
        return False
    return CARDS[role].score(_told(shop, column)) >= LEAST


def _points(shop: Shop, role: str, column: ShopColumn, steps: int) -> float:
    """How likely it is: its name's points, its type's, and those of what is around it."""
    points = CARDS[role].score(_told(shop, column)) - steps * OTHER_TABLE - KINDS[role].index(column.kind) * 0.75
    table = flat(column.table)
    if role == "amount":
        points = min(points, ENOUGH) if points >= LEAST else points - 12
        points += PURCHASES.score(table) + _surroundings(shop, column) + _of_the_shop(shop, column)
    elif role == "date":
        points -= 8 if steps and NO_PURCHASE_DATES.search(table) else 0
    elif role == "customer":
        points += _of_a_customer(shop, column) - (15 if not steps and shop.row_key(column.of) == column.name else 0)
    return points


def _told(shop: Shop, column: ShopColumn) -> str:
    """The column's name; of one that is only called `id`, with its table's."""
    name = TAXED.sub(r"_\1", flat(column.name))
    if name == "name" and re.search(ORDER, flat(column.table)):
        return f"{flat(column.table)}_no"
    if name in ("id", "uuid", "code", "key", "number") and shop.row_key(column.of) in (column.name, None):
        return f"{flat(column.table)}_{name}"
    return name


def _of_a_customer(shop: Shop, column: ShopColumn) -> float:
    """What the table says that the column leads to."""
    parents = [link.parent.table for link in shop.links(column.of) if link.column == column.name]
    return 4.0 if any(CUSTOMER.score(flat(parent)) >= LEAST for parent in parents) else 0.0


def _of_the_shop(shop: Shop, amount: ShopColumn) -> float:
    """What it is worth that an amount is in the shop's own currency, where orders may be in others."""
    name = flat(amount.name)
    beside = {flat(column.name) for column in shop.tables[amount.of]}
    others = any(CURRENCY.search(one) and "base" not in one for one in beside)
    return 3.0 if name.startswith("base_") and name.removeprefix("base_") in beside and others else 0.0


def _surroundings(shop: Shop, amount: ShopColumn) -> float:
    """Whether someone who bought, and when, are in reach of an amount."""
    best = {role: _best(shop, role, amount.of) for role in ("customer", "date")}
    lacking = (-15 if best["customer"] < LEAST else 0) + (-15 if best["date"] < 1 else 0)
    return lacking + min(best["customer"], 14.0) / 2 + min(best["date"], 10.0) / 4


@cache
def _best(shop: Shop, role: str, amounts: Name) -> float:
    found = [
        _points(shop, role, column, len(way))
        for table, way in shop.ways(amounts).items()
        for column in shop.tables.get(table, ())
        if column.kind in USUAL[role] or (column.kind in KINDS[role] and _says_so(shop, role, column))
    ]
    return max(found, default=UNNAMED)


def quantity_beside(shop: Shop, amount: ShopColumn) -> ShopColumn | None:
    """Return the column that a price is to be multiplied by; None: there is none, or the amount is no price of one."""
    name = flat(amount.name)
    if not UNIT_PRICE.search(name) or WHOLE_LINE.search(name):
        return None
    found = [column for column in candidates(shop, "quantity", amount) if QUANTITY.score(flat(column.name)) >= LEAST]
    return found[0] if found else None


def order_column(shop: Shop, amount: ShopColumn, date: ShopColumn) -> ShopColumn | None:
    """Return the column that tells orders apart; None: none says so.

    It is the key of the table with the date, where amounts are of another; else a number of orders in the table of the
    amounts; else that table's key.
    """
    if date.of != amount.of:
        way = shop.ways(amount.of).get(date.of)
        return _named(shop, date.of, way[-1].parent_column) if way else None
    key = shop.row_key(amount.of)
    numbers = order_numbers(shop, amount)
    if numbers and not _are_orders(shop, amount):
        return numbers[0]
    return _named(shop, amount.of, key) if key else None


def order_numbers(shop: Shop, amount: ShopColumn) -> list[ShopColumn]:
    """Return the columns beside an amount that are called like a number of orders, the likely first."""
    key = shop.row_key(amount.of)
    return [
        column
        for column in candidates(shop, "order", amount)
        if column.of == amount.of and column.name != key and ORDER_NUMBER.score(_told(shop, column)) >= LEAST
    ]


def numbers_orders(column: ShopColumn) -> bool:
    """Tell whether the column's own name says that it numbers orders."""
    return ORDER_NUMBER.score(flat(column.name)) >= LEAST


def _are_orders(shop: Shop, amount: ShopColumn) -> bool:
    """Whether the table has a row for each order: no quantity beside the amount, and a key that says so."""
    if quantity_beside(shop, amount) or not shop.row_key(amount.of):
        return False
    return PURCHASES.score(flat(amount.table)) >= 6


def _named(shop: Shop, table: Name, name: str) -> ShopColumn | None:
    return next((column for column in shop.tables.get(table, ()) if column.name == name), None)


def first(shop: Shop) -> Mapping[str, ShopColumn | None]:
    """Return the column that is offered first for each role, and the quantity and order that go with them."""
    found: dict[str, ShopColumn | None] = {}
    amounts: Sequence[ShopColumn] = candidates(shop, "amount")
    if not amounts:
        return dict.fromkeys(CARDS)
    amount = found["amount"] = amounts[0]
    for role in ("date", "customer"):
        found[role] = next(iter(candidates(shop, role, amount)), None)
    found["quantity"] = quantity_beside(shop, amount)
    date = found["date"]
    found["order"] = order_column(shop, amount, date) if date else None
    return found
