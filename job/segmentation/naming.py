"""Order the segments and name them: as they were where they are the same, else anew."""

from collections.abc import Sequence
from dataclasses import replace

from job.config import Config
from job.model import refit, segments
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS
from job.segmentation.labels import Labels, NewLabels, Profile


def ordered_and_named(
    config: Config, chosen: SegmentModel, new: NewLabels, comparable: SegmentModel | None
) -> tuple[Labels, list[str]]:
    """Return the labels for the chosen model's centroids, and what there is to warn of.

    new: what the model's centroids are of the customers.
    comparable: the model before, where it is of the same feature space.
    """
    before = comparable if comparable and comparable.order_by == chosen.order_by else None
    order = refit.matched(chosen.axes, chosen.centroids, before) if before else None
    warnings = []
    if before and order is None:
        warnings.append(f"the {chosen.k} segments are not the {before.k} of before: letters and names are given anew")
        before = None
    by_value = segments.order(new.profiles, chosen.order_by)
    order = order or by_value
    if order != by_value:
        letters = ", ".join(LETTERS[order.index(number)] for number in by_value)
        warnings.append(f"by mean {chosen.order_by} the segments now stand {letters}: they keep their letters")
    in_order = [new.profiles[number] for number in order]
    model = _named(chosen.in_order(order), config.segments.names, in_order, before)
    return Labels(model, order, new), warnings


def _named(
    model: SegmentModel, given: tuple[str, ...], profiles: Sequence[Profile], before: SegmentModel | None
) -> SegmentModel:
    """Name the segments: as before where their letters stay and the config names them as it did."""
    if before and before.names_given == given:
        names = before.names
    else:
        names = tuple(segments.names(profiles, [axis.column for axis in model.axes], given))
    return replace(model, names=names, names_given=given)
