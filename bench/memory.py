"""The job's peak memory on a shop, and on one that is several times as large.

    python bench/memory.py [--customers 100000] [--times 4] [--engines duckdb postgres mysql mariadb]

Both shops are synthetic, written to the temporary folder, and loaded into new, empty databases of the tests' servers.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402
from shop import started  # noqa: E402

from job.sample import write_shop  # noqa: E402


def main() -> None:
    """Print the peaks of each engine in MB, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--engines", nargs="+", default=list(servers.ENGINES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        shops = [Path(temporary) / "small", Path(temporary) / "large"]
        for shop, customers in zip(shops, (options.customers, options.customers * options.times), strict=True):
            write_shop(shop, customers=customers, seed=1)
        sizes = [sum(file.stat().st_size for file in shop.iterdir()) / 1e6 for shop in shops]
        print(f"files of {sizes[0]:,.0f} MB and {sizes[1]:,.0f} MB")
        for engine in options.engines:
            found = servers.server(engine)
            if isinstance(found, servers.Missing):
                print(f"{engine}: not measured, {found.reason}")
                continue
            small, large = (peak(engine, shop) for shop in shops)
            print(f"{servers.NAMES[engine]}: {small:.0f} MB and {large:.0f} MB, ratio {large / small:.2f}", flush=True)


def peak(engine: str, shop: Path) -> float:
    """Return the peak resident memory, in MB, of a first run on the shop."""
    with servers.fresh_database(engine) as url, started(engine, url, shop) as process:
        _, status, usage = os.wait4(process.pid, 0)  # what it logs fits into the pipes
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args, None, process.communicate()[1])
        return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
