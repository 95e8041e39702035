"""Many simulated nights of a shop: how steady the labels are, at a refit every night and one order in a hundred new.

    python bench/stability.py FOLDER [--nights 60]

FOLDER holds the nine CSV files. The first night has the older orders; each later one a hundredth of these more.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import structlog

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from nights import nights  # noqa: E402


def main() -> None:
    """Print a line per night, and the worst of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nights", type=int, default=60)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        for number, night in enumerate(nights(Path(folder) / "shop.duckdb", options.folder, options.nights), 1):
            seen.append(night)
            print(
                f"night {number:3}: {night.customers:9,} customers, {night.kept:.2%} of those unchanged keep segment"
                f" and name, adjusted Rand index {night.adjusted_rand:.4f}",
                flush=True,
            )
    print(
        f"worst: {min(night.kept for night in seen):.2%} kept, adjusted Rand index"
        f" {min(night.adjusted_rand for night in seen):.4f}; names that landed on another centroid:"
        f" {sum(not night.at_home for night in seen)}"
    )


if __name__ == "__main__":
    main()
