"""Order the segments and name them: as they were where they are the same and the names hold, else anew."""

from dataclasses import replace

from job.config import Config
from job.model import names, refit, segments
from job.model.names import Counts, Cuts
from job.model.points import Points
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS
from job.segmentation.labels import Labels, NewLabels


def cuts(chosen: SegmentModel, points: Points, comparable: SegmentModel | None) -> list[Cuts]:
    """Return between which values of which features customers are to be counted, so that segments can be named.

    comparable: the model before, where it is of the same feature space.
    """
    labels = refit.labels_of(points, chosen)
    return names.cuts(points, labels, chosen.k, comparable.meanings if comparable else ())


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
    model = _named(chosen.in_order(order), config.segments.names, new.counts.in_order(order), before)
    return Labels(model, order, new), warnings


def _named(model: SegmentModel, given: tuple[str, ...], counts: Counts, before: SegmentModel | None) -> SegmentModel:
    """Name the segments: as the config does, as before where their letters stay and the names hold, else anew."""
    standing = list(zip(before.names, before.meanings, strict=True)) if before and before.meanings else []
    named = names.names(counts, given[: model.k], standing)
    meanings = tuple(meaning for _, meaning in named)
    return replace(
        model,
        names=tuple(name for name, _ in named),
        names_given=given,
        meanings=meanings if any(meaning.bounds for meaning in meanings) else (),
    )
