"""examples/explore.ipynb, executed as an analyst does, and what it shows held against the database."""

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from engines import one_for_a_dialect
from engines.base import Engine
from nbclient import NotebookClient
from shop import CONFIGS, ask, config_file, place, run, without_first_orders
from test_cli import job

from job import config

NOTEBOOK = CONFIGS.parent / "examples/explore.ipynb"


def notebook() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def outputs(book: Any, kind: str) -> list[str]:
    """What the cells show, of a kind such as image/png."""
    shown = [output for cell in book.cells for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in shown if kind in output.get("data", {})]


def test_it_is_kept_without_outputs() -> None:
    code = [cell for cell in notebook().cells if cell.cell_type == "code"]
    assert code and not any(cell.outputs or cell.execution_count for cell in code)


@one_for_a_dialect
def test_it_shows_what_is_in_the_database(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(engine, database_url, without_first_orders(shop, tmp_path / "before", 100))
    run(engine, database_url, shop)
    path = tmp_path / "shop.yaml"
    if not engine.has_server:  # with an empty segments: to write names to; the shipped configs have none
        assert job("init", "--out", path).returncode == 0
    else:
        shutil.copy(config_file(engine), path)
    for name, value in (place(engine, database_url) | {"CLIENTELA_CONFIG": str(path), "DATA": str(shop)}).items():
        monkeypatch.setenv(name, value)
    for name in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    book = notebook()
    folder = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(book, timeout=300, resources=folder, kernel_name="python3").execute()

    texts = outputs(book, "text/html")
    assert len(outputs(book, "image/png")) == 2
    assert "Warning" not in "".join(output.get("text", "") for cell in book.cells for output in cell.get("outputs", []))
    counted = ask(
        engine, database_url, "SELECT segment, COUNT(*), MIN(segment_name) FROM customer_segments GROUP BY segment"
    )
    for letter, customers, name in counted:
        for table in (texts[0], texts[-1]):
            [row] = [part for part in table.split("</tr>") if f"<th>{letter}</th>" in part]
            assert f"<td>{customers}</td>" in row
        assert f"<td>{name}</td>" in row
    last = "WHERE run_id = (SELECT MAX(run_id) FROM customer_segment_changes)"
    for (count,) in ask(
        engine, database_url, f"SELECT COUNT(*) FROM customer_segment_changes {last} GROUP BY from_segment, to_segment"
    ):
        assert f"<td>{count}</td>" in texts[2]

    assert {letter: name for letter, _, name in counted}["A"] == "best customers"
    assert config.read(path).segments.names[0] == "best customers"
    assert job("run", "--config", path, "--no-report").returncode == 0  # the next night
    assert ask(engine, database_url, "SELECT DISTINCT segment_name FROM customer_segments WHERE segment = 'A'") == [
        ("best customers",)
    ]
