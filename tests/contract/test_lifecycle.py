"""From night to night: refits, labels that stay, drift, scoring and going back; on every engine."""

import json
import re
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from engines import where
from engines.base import Engine
from shop import ask, configured, everything

from job import history, pipeline
from job.config import Config
from job.errors import ConfigError, DataError
from job.model import structure
from job.model.segments import Segment
from job.output import show_segments
from job.progress import Steps
from job.report.files import write
from job.session import connect

LABELS = "SELECT customer_unique_id, segment, segment_name FROM customer_segments ORDER BY customer_unique_id"
RICHER = "UPDATE order_payments SET payment_value = payment_value * 1.02 WHERE payment_value > 200"
CHANGES = "SELECT customer_unique_id, from_segment, to_segment FROM customer_segment_changes WHERE run_id = '{}'"


@pytest.fixture
def loaded(engine: Engine, database_url: str, first_run: list[Segment]) -> str:
    """The id of a first run, on the files; later nights find the tables in the database."""
    [(run_id,)] = ask(engine, database_url, "SELECT run_id FROM job_runs")
    return str(run_id)


def settings(engine: Engine, url: str, **sections: dict[str, Any]) -> Config:
    """The shipped config without files, and with these keys."""
    found = configured(engine, url).model_copy(update={"load": None})
    sections_now = dict(found)
    changed = {name: sections_now[name].model_dump() | keys for name, keys in sections.items()}
    return Config.model_validate({**sections_now, **changed})


def night(engine: Engine, url: str, score: bool = False, **sections: dict[str, Any]) -> tuple[str, list[Segment]]:
    run_id = history.new_run_id()
    return run_id, pipeline.run(settings(engine, url, **sections), None, run_id, Steps("json"), score=score)


def go_back(engine: Engine, url: str, target: str) -> str:
    run_id = history.new_run_id()
    pipeline.roll_back(settings(engine, url), target, run_id, Steps("json"))
    return run_id


def figures(engine: Engine, url: str, run_id: str) -> Any:
    [(text,)] = ask(engine, url, f"SELECT figures FROM job_runs WHERE run_id = '{run_id}'")
    return json.loads(text)


def model_of(engine: Engine, url: str, run_id: str) -> Any:
    [(text,)] = ask(
        engine,
        url,
        f"SELECT model FROM segment_models JOIN job_runs USING (model_id) WHERE job_runs.run_id = '{run_id}'",
    )
    return json.loads(text)


def labels(engine: Engine, url: str) -> dict[str, tuple[str, str]]:
    return {customer: (segment, name) for customer, segment, name in ask(engine, url, LABELS)}


def test_a_refit_carries_letters_and_names_on(engine: Engine, database_url: str, loaded: str) -> None:
    before, model = labels(engine, database_url), model_of(engine, database_url, loaded)
    ask(engine, database_url, RICHER)
    run_id, _ = night(engine, database_url)
    after, refitted = labels(engine, database_url), model_of(engine, database_url, run_id)
    assert figures(engine, database_url, run_id)["model"] == "new, refit always, carried on"
    assert refitted["centroids"] != model["centroids"] and refitted["names"] == model["names"]
    same = sum(before[customer] == after[customer] for customer in before) / len(before)
    assert before.keys() == after.keys() and 0.95 < same < 1


def test_changes_say_who_moved(engine: Engine, database_url: str, loaded: str) -> None:
    assert ask(engine, database_url, CHANGES.format(loaded)) == []  # everybody was new
    before = labels(engine, database_url)
    gone, new = sorted(before)[:2]
    one = f"SELECT order_id FROM orders JOIN customers USING (customer_id) WHERE customer_unique_id = '{gone}'"
    [(order,)] = ask(engine, database_url, one)[:1]
    ask(engine, database_url, f"UPDATE orders SET order_status = 'canceled' WHERE order_id = '{order}'")
    ask(engine, database_url, f"UPDATE customers SET customer_unique_id = 'new' WHERE customer_unique_id = '{new}'")
    ask(engine, database_url, RICHER)
    run_id, _ = night(engine, database_url)
    after = labels(engine, database_url)
    expected = {
        (customer, before.get(customer, (None,))[0], after.get(customer, (None,))[0])
        for customer in before.keys() | after.keys()
        if before.get(customer, (None,))[0] != after.get(customer, (None,))[0]
    }
    found = ask(engine, database_url, CHANGES.format(run_id))
    assert set(found) == expected and len(found) == len(expected)
    assert ("new", None, after["new"][0]) in expected and len(expected) > 3
    moves = {(before, after): customers for before, after, customers in figures(engine, database_url, run_id)["moves"]}
    assert sum(count for (start, end), count in moves.items() if start != end) == len(expected)
    assert sum(moves.values()) == len(before.keys() | after.keys())


def test_going_back_brings_labels_and_model_of_that_run(engine: Engine, database_url: str, loaded: str) -> None:
    first = labels(engine, database_url)
    ask(engine, database_url, "UPDATE order_payments SET payment_value = 90 WHERE payment_value > 900")
    second_run, _ = night(engine, database_url)
    second = labels(engine, database_url)
    someone = max(second)
    ask(engine, database_url, f"UPDATE customers SET customer_unique_id = 'x' WHERE customer_unique_id = '{someone}'")
    ask(engine, database_url, RICHER)
    night(engine, database_url)
    third = labels(engine, database_url)
    assert first != second != third and "x" in third
    back = go_back(engine, database_url, second_run)
    assert labels(engine, database_url) == second
    [(model, status)] = ask(engine, database_url, f"SELECT model_id, status FROM job_runs WHERE run_id = '{back}'")
    assert (status, figures(engine, database_url, back)["to"]) == ("done", second_run)
    assert ask(engine, database_url, f"SELECT model_id FROM job_runs WHERE run_id = '{second_run}'") == [(model,)]
    moved = {(customer, end) for customer, _, end in ask(engine, database_url, CHANGES.format(back))}
    assert moved == {
        (customer, second.get(customer, (None,))[0])
        for customer in second.keys() | third.keys()
        if second.get(customer, (None,))[0] != third.get(customer, (None,))[0]
    }
    written_back = "SELECT DISTINCT segment FROM customers WHERE customer_unique_id = 'x'"
    assert ask(engine, database_url, written_back) == [(None,)]
    go_back(engine, database_url, loaded)
    assert labels(engine, database_url) == first
    _, found = night(engine, database_url, score=True)
    [(current,)] = ask(engine, database_url, f"SELECT model_id FROM job_runs WHERE run_id = '{loaded}'")
    [(scored,)] = ask(engine, database_url, "SELECT model_id FROM job_runs ORDER BY started_at DESC LIMIT 1")
    assert scored == current and len(found) == 5


def test_rules_are_the_labels(engine: Engine, database_url: str, loaded: str) -> None:
    """Of everybody, also of those who are on a border, or a cent over it."""
    rules: dict[str, Any] = {"clustering": {"assign": "rules"}}
    assert "boxes" not in model_of(engine, database_url, loaded)
    first, segments = night(engine, database_url, **rules)
    boxes = model_of(engine, database_url, first)["boxes"]
    assert [segment.rule_right for segment in segments] == [1.0] * len(boxes)
    [said] = [each for each in figures(engine, database_url, first)["structure"] if each.startswith("Each rule")]
    assert re.search(r"inertia of the segments is (\d+\.\d%|no) higher than with the nearest centroids\.$", said)
    bound = min(over for box in boxes for over in box["bounds"].get("monetary", ()) if over)
    orders = ask(
        engine,
        database_url,
        "SELECT MIN(orders.order_id) FROM order_payments JOIN orders USING (order_id) JOIN customers USING"
        " (customer_id) WHERE order_status = 'delivered' GROUP BY customer_unique_id HAVING COUNT(*) = 1",
    )
    spent = (f"{bound:.2f}", f"{bound + 0.01:.2f}")
    for amount, (order,) in zip(spent, sorted(orders)[:2], strict=True):
        ask(engine, database_url, f"UPDATE order_payments SET payment_value = {amount} WHERE order_id = '{order}'")
    night(engine, database_url, score=True, **rules)
    assert assert_rules_describe_them(engine, database_url, boxes).issuperset(spent)


def assert_rules_describe_them(engine: Engine, url: str, boxes: list[dict[str, Any]]) -> set[str]:
    """Compare every label with the one rule that holds for the customer; return what customers have spent."""
    spends = set()
    columns = ("monetary", "frequency")
    statement = (
        f"SELECT segment, {', '.join(columns)} FROM customer_segments JOIN customer_features USING (customer_unique_id)"
    )
    for segment, *values in ask(engine, url, statement):
        features = dict(zip(columns, values, strict=True))
        holds = [
            letter
            for letter, box in zip("ABCDE", boxes, strict=True)
            if all(
                (over is None or features[column] > Decimal(str(over)))
                and (up_to is None or features[column] <= Decimal(str(up_to)))
                for column, (over, up_to) in box["bounds"].items()
            )
        ]
        assert holds == [segment], features
        spends.add(f"{features['monetary']:.2f}")
    return spends


@where(lambda engine: not engine.has_server)  # the engine has no part in it
@pytest.mark.usefixtures("loaded")
def test_rules_stay_from_night_to_night(engine: Engine, database_url: str) -> None:
    rules: dict[str, Any] = {"clustering": {"assign": "rules"}}
    first, _ = night(engine, database_url, **rules)
    boxes, before = model_of(engine, database_url, first)["boxes"], labels(engine, database_url)
    ask(engine, database_url, RICHER)
    later, _ = night(engine, database_url, **rules)
    assert figures(engine, database_url, later)["model"] == "new, refit always, carried on"
    assert model_of(engine, database_url, later)["boxes"] == boxes
    assert_rules_describe_them(engine, database_url, boxes)
    assert labels(engine, database_url) != before
    go_back(engine, database_url, first)
    assert labels(engine, database_url) == before


@where(lambda engine: not engine.has_server)  # the engine has no part in it
def test_what_borders_are_worth_is_said_as_long_as_the_model_stands(
    engine: Engine, database_url: str, loaded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """In the log, in the run's record, in the report and by `clientela segments`; also where nothing is fitted."""
    assert figures(engine, database_url, loaded)["structure"] == []
    monkeypatch.setattr(structure, "ONE_CROWD", 0.0)
    monkeypatch.setattr(structure, "FRAGILE", 1.1)
    with structlog.testing.capture_logs() as logged:
        scored, _ = night(engine, database_url, score=True)
    said = figures(engine, database_url, scored)["structure"]
    assert [event["reason"] for event in logged if event["event"] == "structure"] == said
    assert said[0].startswith("These are slices of one crowd") and said[1].startswith("Segments A (")
    with closing(connect(configured(engine, database_url), read_only=True)) as database:
        report = configured(engine, database_url).report.model_copy(update={"folder": tmp_path})
        [page, *_] = write(database, settings(engine, database_url, report=report.model_dump()))
        show_segments(history.require_last_done(database), "BRL")
    assert said[0] in capsys.readouterr().out
    assert said[0] in page.read_text() and said[1] in page.read_text()
    assert figures(engine, database_url, go_back(engine, database_url, loaded))["structure"] == said


def test_going_back_to_nowhere_is_told(engine: Engine, database_url: str, loaded: str) -> None:
    before = everything(engine, database_url)
    with pytest.raises(DataError, match="no run 20200101T000000-0000 has labelled customers"):
        go_back(engine, database_url, "20200101T000000-0000")
    assert everything(engine, database_url) == before


def test_scoring_labels_the_new_and_the_changed_with_the_same_model(
    engine: Engine, database_url: str, loaded: str
) -> None:
    before = labels(engine, database_url)
    someone = next(customer for customer, (segment, _) in before.items() if segment == "E")
    whose = (
        "SELECT order_id FROM orders JOIN customers USING (customer_id)"
        f" WHERE customer_unique_id = '{someone}' ORDER BY order_id"
    )
    order = ask(engine, database_url, whose)[0][0]
    ask(engine, database_url, f"UPDATE order_payments SET payment_value = 9999 WHERE order_id = '{order}'")
    ask(
        engine,
        database_url,
        f"UPDATE customers SET customer_unique_id = 'new' WHERE customer_unique_id = '{min(before)}'",
    )
    models = ask(engine, database_url, "SELECT * FROM segment_models")
    run_id, _ = night(engine, database_url, score=True)
    after = labels(engine, database_url)
    assert after[someone][0] == "A" and "new" in after
    assert {customer for customer in before if after.get(customer) != before[customer]} == {someone, min(before)}
    assert ask(engine, database_url, "SELECT * FROM segment_models") == models
    found = figures(engine, database_url, run_id)
    assert (found["command"], found["model"], found["changed"], found["new"], found["removed"]) == (
        "score",
        "kept",
        1,
        1,
        1,
    )


def test_scoring_needs_a_model_of_this_config(engine: Engine, database_url: str, loaded: str) -> None:
    with pytest.raises(DataError, match="the current model was fitted for another config; clientela run fits one"):
        night(engine, database_url, score=True, clustering={"k": 4})
    for table in ("segment_models", "customer_segments"):
        ask(engine, database_url, f"DELETE FROM {table} WHERE model_id IS NOT NULL")
    with pytest.raises(DataError, match="there is no model yet; clientela run fits one"):
        night(engine, database_url, score=True)


@pytest.mark.parametrize(
    ("refit", "days", "how"),
    [
        ("never", 100, "kept"),
        ("every 7d", 6, "kept"),
        ("every 7d", 7, "new, refit every 7d, carried on"),
        ("on_drift", 1, "kept"),
        ("always", 1, "new, refit always, carried on"),
    ],
)
def test_the_config_says_when_to_refit(
    engine: Engine, database_url: str, loaded: str, refit: str, days: int, how: str
) -> None:
    """Seven nights later is seven days, even when that night's run starts some minutes earlier."""
    fitted = history.now() - timedelta(days=days) + timedelta(minutes=20)
    ask(engine, database_url, f"UPDATE segment_models SET fitted_at = '{fitted}' WHERE model_id IS NOT NULL")
    ask(engine, database_url, RICHER)
    run_id, _ = night(engine, database_url, lifecycle={"refit": refit})
    assert figures(engine, database_url, run_id)["model"] == how


def test_drift_is_told_and_refitted_or_stopped(engine: Engine, database_url: str, loaded: str) -> None:
    ask(engine, database_url, "UPDATE order_payments SET payment_value = payment_value * 4")
    before = everything(engine, database_url)
    with pytest.raises(DataError, match=r"monetary is distributed otherwise .* index \d\.\d\d; labels stay"):
        night(engine, database_url, lifecycle={"stop_psi": 0.5})
    with pytest.raises(DataError, match=r"segment [A-E] has [+-]\d+\.\d points of the customers"):
        night(engine, database_url, lifecycle={"refit": "never", "stop_share": "10%"})
    assert everything(engine, database_url) == before
    run_id, _ = night(engine, database_url, lifecycle={"refit": "on_drift", "max_moved": "100%"})
    found = figures(engine, database_url, run_id)
    assert found["model"] == "new, drift, carried on"
    assert found["drift"]["psi"]["monetary"] > 0.5 and found["drift"]["psi"]["frequency"] == 0
    assert any("monetary is distributed otherwise" in warning for warning in found["warnings"])


def test_labels_stay_when_too_many_would_move(engine: Engine, database_url: str, loaded: str) -> None:
    ask(engine, database_url, "UPDATE order_payments SET payment_value = payment_value * 4")
    before = everything(engine, database_url)
    with pytest.raises(DataError, match=r"of \d+ customers \d+ change .* more than lifecycle\.max_moved; labels stay"):
        night(engine, database_url, lifecycle={"refit": "never"})
    assert everything(engine, database_url) == before
    run_id, _ = night(engine, database_url, lifecycle={"refit": "never", "max_moved": "100%"})
    assert figures(engine, database_url, run_id)["model"] == "kept"


def test_customers_who_vanish_are_no_small_matter(engine: Engine, database_url: str, loaded: str) -> None:
    ask(engine, database_url, "UPDATE orders SET order_status = 'canceled' WHERE order_id < '8'")
    before = everything(engine, database_url)
    with pytest.raises(DataError, match=r"of \d+ customers \d+ change their segment and \d+ lose it: [45]\d\.\d%"):
        night(engine, database_url)
    assert everything(engine, database_url) == before
    [(model, text)] = ask(engine, database_url, "SELECT model_id, figures FROM job_runs WHERE status = 'failed'")
    assert model is None and sum(count for _, after, count in json.loads(text)["moves"] if after is None) > 500


def test_another_shop_is_a_new_start(engine: Engine, database_url: str, loaded: str) -> None:
    """As when real data come after the synthetic shop."""
    ask(engine, database_url, "UPDATE customers SET customer_unique_id = CONCAT('x', SUBSTR(customer_unique_id, 2))")
    ask(engine, database_url, "UPDATE order_payments SET payment_value = payment_value * 4")
    run_id, found = night(engine, database_url)
    told = figures(engine, database_url, run_id)
    assert told["model"] == "new, the first" and "none of the customers with a label is here" in told["warnings"][0]
    means = [segment.mean_spend for segment in found]
    assert means == sorted(means, reverse=True)


def test_a_segment_may_become_empty(engine: Engine, database_url: str, loaded: str) -> None:
    gone = "SELECT customer_id FROM customers WHERE segment = 'B'"
    ids = ", ".join(f"'{customer}'" for (customer,) in ask(engine, database_url, gone))
    ask(engine, database_url, f"UPDATE orders SET order_status = 'canceled' WHERE customer_id IN ({ids})")
    run_id, found = night(engine, database_url, score=True)
    assert (found[1].segment, found[1].customers, found[1].mean_spend) == ("B", 0, 0)
    assert "Infinity" not in json.dumps(figures(engine, database_url, run_id))


def test_a_clock_that_goes_back_changes_no_order(engine: Engine, database_url: str, loaded: str) -> None:
    ask(engine, database_url, "UPDATE job_runs SET started_at = '2100-01-01 00:00:00' WHERE run_id IS NOT NULL")
    first = labels(engine, database_url)
    ask(engine, database_url, RICHER)
    run_id, _ = night(engine, database_url)
    [(latest,)] = ask(engine, database_url, "SELECT run_id FROM job_runs ORDER BY started_at DESC LIMIT 1")
    assert latest == run_id and labels(engine, database_url) != first
    go_back(engine, database_url, loaded)
    assert labels(engine, database_url) == first


def test_another_config_may_move_everybody_and_says_so(engine: Engine, database_url: str, loaded: str) -> None:
    run_id, found = night(engine, database_url, clustering={"k": 3})
    told = figures(engine, database_url, run_id)
    assert told["model"] == "new, the config has changed"
    assert any("the 3 segments are not the 5 of before: letters and names are" in text for text in told["warnings"])
    too_many = "more than lifecycle.max_moved: the config or the shop is another one"
    assert any(text.endswith(too_many) for text in told["warnings"])
    _, found = night(engine, database_url, clustering={"k": 3}, segments={"order_by": "recency_days"})
    assert [segment.segment for segment in found] == list("ABC")
    recency = [segment.mean_recency_days for segment in found]
    assert recency == sorted(recency, reverse=True)


def test_a_new_name_needs_no_fit(engine: Engine, database_url: str, loaded: str) -> None:
    before = labels(engine, database_url)
    run_id, found = night(engine, database_url, segments={"names": ["Best"]}, lifecycle={"refit": "never"})
    assert found[0].name == "Best"
    after = labels(engine, database_url)
    assert {after[customer][0] == segment for customer, (segment, _) in before.items()} == {True}
    assert {name for segment, name in after.values() if segment == "A"} == {"Best"}
    assert {after[customer] == label for customer, label in before.items() if label[0] != "A"} == {True}
    assert ask(engine, database_url, CHANGES.format(run_id)) == []


def test_k_is_chosen(engine: Engine, database_url: str, loaded: str) -> None:
    run_id, found = night(engine, database_url, clustering={"k": "auto", "k_range": (2, 6)})
    tried = model_of(engine, database_url, run_id)["tried"]
    assert [quality["k"] for quality in tried] == [2, 3, 4, 5, 6]
    assert 2 <= len(found) <= 6 and [segment.segment for segment in found] == list("ABCDEF"[: len(found)])


def test_few_points_are_refined_on_all_customers(engine: Engine, database_url: str, loaded: str) -> None:
    """Coarse points and passes over all customers end where fine points do, on the nights after, too."""
    fine = model_of(engine, database_url, loaded)
    few = {"max_points": 100, "seed": 2}
    first, _ = night(engine, database_url, clustering=few)
    ask(engine, database_url, RICHER)
    second, _ = night(engine, database_url, clustering=few)
    assert (fine["refinements"], fine["error_bound"] < 0.001) == (0, True)
    for run_id in (first, second):
        coarse = model_of(engine, database_url, run_id)
        assert 5 < coarse["points"] <= 100 < fine["points"]
        assert coarse["error_bound"] == 0.0 and coarse["refinements"] > 0
    assert model_of(engine, database_url, first)["inertia"] == pytest.approx(fine["inertia"], rel=0.001)
    assert figures(engine, database_url, second)["model"].endswith("carried on")


def test_transforms_scales_and_weights(engine: Engine, database_url: str, loaded: str) -> None:
    axes = [
        {"column": "monetary", "transform": "sqrt", "scaling": "none", "weight": 0.1},
        {"column": "frequency", "weight": 2},
        {"column": "recency_days"},
    ]
    run_id, found = night(engine, database_url, clustering={"features": axes, "k": 4})
    assert len(found) == 4 and all(segment.rule_right > 0.5 for segment in found)
    model = model_of(engine, database_url, run_id)
    [deviation] = ask(engine, database_url, "SELECT STDDEV_POP(frequency) FROM customer_features")[0]
    assert [axis["scale"] for axis in model["axes"][:2]] == pytest.approx([10, float(deviation) / 2], rel=1e-3)


FEATURES = """
SELECT
    "customers"."customer_unique_id",
    SUM("order_payments"."payment_value") AS "monetary",
    COUNT(DISTINCT "orders"."order_id") AS "frequency",
    COUNT(DISTINCT "orders"."order_id") - 1 AS "recency_days",
    MAX("order_payments"."payment_installments") AS "installments",
    CASE WHEN COUNT(DISTINCT "orders"."order_id") > 1 THEN 1.25 * COUNT(*) END AS "per cent"
FROM "orders"
JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
LEFT JOIN "order_payments" ON "order_payments"."order_id" = "orders"."order_id"
GROUP BY "customers"."customer_unique_id"
HAVING SUM("order_payments"."payment_value") > 0;
"""


def test_features_of_ones_own(engine: Engine, database_url: str, loaded: str, tmp_path: Path) -> None:
    sql = tmp_path / "features.sql"
    sql.write_text(FEATURES)

    def segmented(*axes: dict[str, Any], **lifecycle: Any) -> list[Segment]:
        clustering = {"features": list(axes), "k": 2}
        return night(engine, database_url, features={"sql": sql}, clustering=clustering, lifecycle=lifecycle)[1]

    installments, per_cent = {"column": "installments"}, {"column": "per cent"}
    everybody = sum(segment.customers for segment in segmented(installments))
    count = f"SELECT COUNT(*) FROM ({FEATURES.rstrip().rstrip(';')}) AS f".replace('"', engine.quote_mark)
    [(expected,)] = ask(engine, database_url, count)
    assert everybody == expected
    with pytest.raises(DataError, match=r"per cent is NULL for \d+ of \d+ customers"):
        segmented(per_cent)
    [(several,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_features WHERE frequency > 1")
    assert sum(segment.customers for segment in segmented({**per_cent, "nulls": "leave_out"})) == several
    left_out = "SELECT COUNT(*) FROM customer_segments JOIN customer_features USING (customer_unique_id)"
    assert ask(engine, database_url, left_out + " WHERE frequency = 1") == [(0,)]
    filled = segmented({**per_cent, "nulls": 1})
    assert sum(segment.customers for segment in filled) == everybody
    sql.write_text(FEATURES.replace("1.25", "1.125"))  # one digit more: nothing may be rounded away
    segmented({**per_cent, "nulls": 1})
    kept = ask(engine, database_url, f"SELECT MIN({engine.quote('per cent')}) FROM customer_features")
    assert float(kept[0][0]) == 2.25
    before = everything(engine, database_url)
    with pytest.raises(ConfigError, match="nowhere is no numeric column"):
        night(engine, database_url, segments={"order_by": "nowhere"})
    after = everything(engine, database_url)
    assert after["customer_segments"] == before["customer_segments"]
    assert len(after["customer_features"]) > 1_000  # where CREATE TABLE commits, they are new, but there
    assert night(engine, database_url)[1]  # the job's own features again


REQUIRED = 'SELECT "customer_unique_id", 1 AS "monetary", 1 AS "frequency"'


def test_ids_may_be_numbers_and_other_columns_of_any_type(
    engine: Engine, database_url: str, loaded: str, tmp_path: Path
) -> None:
    sql = tmp_path / "features.sql"
    sql.write_text(
        'SELECT COUNT(*) AS "customer_unique_id", MAX("n") AS "monetary", MAX("n") AS "frequency",'
        ' 1 AS "recency_days", MAX("at") AS "at", MAX("word") AS "word" FROM ('
        'SELECT COUNT(*) AS "n", MAX("shipping_limit_date") AS "at", MAX("order_id") AS "word"'
        ' FROM "order_items" GROUP BY "product_id") AS "product" GROUP BY "n" HAVING COUNT(*) > 80; -- a comment',
        encoding="utf-8-sig",
    )
    with pytest.raises(ConfigError, match="holds no customer's id"):  # for these are no customers of the shop
        night(engine, database_url, features={"sql": sql}, clustering={"k": 2}, lifecycle={"max_moved": "100%"})


def test_features_that_lack_a_column_are_told(engine: Engine, database_url: str, loaded: str, tmp_path: Path) -> None:
    before = everything(engine, database_url)
    sql = tmp_path / "features.sql"
    with pytest.raises(ConfigError, match=r"features\.sql: .*features\.sql cannot be read"):
        night(engine, database_url, features={"sql": sql})
    for select, sentence in (
        ('SELECT "customer_unique_id", 1 AS "monetary" FROM "customers"', "selects no frequency and no recency_days"),
        ("SELEKT 1", rf"features\.sql: .*features\.sql: {engine.name_in_errors}: "),
        ("SELECT 1; SELECT 2;", r"features\.sql: .* holds 2 statements; it must be one SELECT"),
        (f'{REQUIRED}, 1 AS "recency_days", 2.5 AS "d0" FROM "customers"', "the job gives the name d0 itself"),
    ):
        sql.write_text(select)
        with pytest.raises(ConfigError, match=sentence):
            night(engine, database_url, features={"sql": sql})
    assert everything(engine, database_url) == before


def test_a_constant_feature_is_told(engine: Engine, database_url: str, loaded: str) -> None:
    ask(engine, database_url, "UPDATE customers SET customer_unique_id = customer_id")
    run_id, _ = night(engine, database_url, lifecycle={"max_moved": "100%"})
    told = " ".join(figures(engine, database_url, run_id)["warnings"])
    assert "customers has one order: look whether customer_unique_id is the order's id" in told
    assert "and take frequency out of clustering.features" in told
