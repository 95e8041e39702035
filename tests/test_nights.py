"""Labels people can trust, night after night."""

from pathlib import Path

from nights import nights

from job.setup.sample import write_shop


def test_segments_stay_with_their_customers_night_after_night(tmp_path: Path) -> None:
    """With refits every night, and one order in a hundred new."""
    write_shop(tmp_path / "shop", customers=8_000, seed=11)
    nights_of_shop = list(nights(tmp_path / "shop.duckdb", tmp_path / "shop", 9))
    assert len(nights_of_shop) == 9 and nights_of_shop[-1].customers > nights_of_shop[0].customers * 1.05
    assert min(night.kept for night in nights_of_shop) >= 0.99
    assert min(night.adjusted_rand for night in nights_of_shop) >= 0.98
    assert all(night.at_home for night in nights_of_shop)
