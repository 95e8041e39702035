"""Customers of customer_features, grouped in SQL into weighted points."""

from typing import TYPE_CHECKING, Any

from job.config import Config
from job.errors import ConfigError
from job.model.points import GRIDS, Points, coarser, make_axes
from job.segmentation import features

if TYPE_CHECKING:
    from job.adapters.base import Database


def select_points(database: "Database", config: Config, **source: Any) -> Points:
    """Return the points, on the finest grid that has few enough.

    source: as of `features.computed`, where the features are not in customer_features.
    Raises ConfigError for a column that is no number, DataError for one without a value for some customer.
    """
    import pandas as pd

    numeric = {} if source else _numeric_columns(database, config)
    [statistics] = database.fetch("feature_statistics", features=config.clustering.features, **source)
    axes = make_axes(config.clustering.features, statistics, [column for column, whole in numeric.items() if whole])
    most = config.clustering.max_points
    rows = database.fetch("points", axes=axes, limit=most + 1, **source)
    if len(rows) > most:
        [counts] = database.fetch("grid", axes=axes, levels=GRIDS, **source)
        level = next(level for level in range(GRIDS) if counts[f"level_{level}"] <= most)
        axes = coarser(axes, level)
        rows = database.fetch("points", axes=axes, limit=most, **source)
    return Points.of(pd.DataFrame(rows), axes)


def _numeric_columns(database: "Database", config: Config) -> dict[str, bool]:
    """Return the numeric columns of customer_features: whether each holds whole numbers alone.

    Raises ConfigError where a column that segments are made of is none of them.
    """
    numeric = features.numeric_columns(database)
    required = [("features.sql", column) for column in features.REQUIRED[1:]]
    named = [("clustering.features", feature.column) for feature in config.clustering.features]
    for key, column in [*required, *named, ("segments.order_by", config.segments.order_by)]:
        if column not in numeric:
            raise ConfigError(f"{key}: {column} is no numeric column of customer_features")
    return numeric
