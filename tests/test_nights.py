"""Labels people can trust, night after night."""

from pathlib import Path

from nights import nights

from job.setup.sample import write_shop


def test_segments_stay_with_their_customers_for_thirty_nights(tmp_path: Path) -> None:
    """With refits every night, and one order in a hundred new."""
    write_shop(tmp_path / "shop", customers=8_000, seed=11)
    thirty = list(nights(tmp_path / "shop.duckdb", tmp_path / "shop", 30))
    assert len(thirty) == 30 and thirty[-1].customers > thirty[0].customers * 1.2
    assert min(night.kept for night in thirty) >= 0.99
    assert min(night.adjusted_rand for night in thirty) >= 0.98
    assert all(night.at_home for night in thirty)
