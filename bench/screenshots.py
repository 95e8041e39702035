"""Pictures of the report for the README and docs/: a synthetic shop after six nights, on a desktop and on a phone.

    python bench/screenshots.py [--out docs]

The shop, its runs' ids and their times are always the same, so pictures change with the report alone.
"""

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
import structlog
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import browser  # noqa: E402
from engines.duckdb import ENGINE as DUCKDB  # noqa: E402
from nights import nights  # noqa: E402
from shop import configured  # noqa: E402

from job.config import Report  # noqa: E402
from job.report.files import write  # noqa: E402
from job.session import connect  # noqa: E402
from job.setup.sample import write_shop  # noqa: E402

SIZES = {"report.png": (1280, 1050), "report-phone.png": (375, 1370)}
COLOURS = 64  # a third of the bytes of true colour, and looks the same
NIGHTLY = """
CREATE TABLE numbered AS SELECT run_id, ROW_NUMBER() OVER (ORDER BY started_at) AS night FROM job_runs;
UPDATE segment_models SET run_id = strftime(DATE '2026-01-04' + night::INTEGER, '%Y%m%dT031500-0000'),
    fitted_at = DATE '2026-01-04' + night::INTEGER + TIME '03:15:04'
FROM numbered WHERE numbered.run_id = segment_models.run_id;
UPDATE job_runs SET run_id = strftime(DATE '2026-01-04' + night::INTEGER, '%Y%m%dT031500-0000'),
    started_at = DATE '2026-01-04' + night::INTEGER + TIME '03:15'
FROM numbered WHERE numbered.run_id = job_runs.run_id;
"""


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if not browser.program():
        sys.exit("no Chromium; install it (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_shop(folder / "shop", customers=20_000, seed=1)
        for _ in nights(folder / "shop.duckdb", folder / "shop", 5):
            pass
        with closing(duckdb.connect(folder / "shop.duckdb")) as shop:
            shop.execute(NIGHTLY)
        config = configured(DUCKDB, f"duckdb://{folder}/shop.duckdb")
        config = config.model_copy(update={"report": Report(folder=folder)})
        with closing(connect(config, read_only=True)) as database:
            write(database, config)
        for file, (width, height) in SIZES.items():
            photograph(folder, width, height).save(options.out / file, optimize=True)
            print(options.out / file)


def photograph(folder: Path, width: int, height: int) -> Image.Image:
    """Return the top of latest.html; in a frame, as Chromium's windows have at least 500 pixels."""
    frame = f'<iframe src="latest.html" style="width:{width}px;height:{height}px;border:0"></iframe>'
    page = folder / "frame.html"
    page.write_text(f'<body style="margin:0">{frame}')
    browser.opened(page, f"--window-size={max(width, 500)},{height}", f"--screenshot={folder}/shot.png")
    with Image.open(folder / "shot.png") as shot:
        return shot.convert("RGB").crop((0, 0, width, height)).quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
