"""What a feature may go through before it is scaled: each transform with its inverse and its SQL."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

TransformName = Literal["none", "log1p", "sqrt"]


class Transform(NamedTuple):
    """A rising function of a feature; `forward` and `inverse` take numbers and arrays."""

    forward: Callable[[Any], Any]
    inverse: Callable[[Any], Any]
    sql: str  # of {value}, a double; NULL where the transform is not defined


TRANSFORMS: dict[str, Transform] = {
    "none": Transform(lambda value: value, lambda transformed: transformed, "{value}"),
    "log1p": Transform(np.log1p, np.expm1, "CASE WHEN {value} > -1 THEN LN(1 + {value}) END"),
    "sqrt": Transform(np.sqrt, np.square, "CASE WHEN {value} >= 0 THEN SQRT({value}) END"),
}


def transformed_sql(value: str, transform: str) -> str:
    """Return the SQL of the transformed value."""
    return TRANSFORMS[transform].sql.format(value=value)
