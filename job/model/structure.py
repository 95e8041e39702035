"""Whether segments are groups of their own, or slices of one crowd. Pure: no database, no files.

The names of coordinates, and of shapes, are explained in points.py. Centroids are positions (k x axes), labels are
the numbers of centroids (points).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from job.model import kmeans
from job.model.points import Points
from job.model.quality import TINY
from job.model.segment_model import Floats, Integers, SegmentModel, Structure
from job.model.segments import LETTERS

ONE_CROWD = 0.9  # of what is left in one crowd: from there on, segments are hardly better than there
FEW = 5  # segments: fewer may hide groups that more would show
FRAGILE = 0.6  # Jaccard index, below which a segment is not found again (Hennig, 2007)
DRAWS = 8_000  # customers of the crowd, in samples as large as the shop, where it has fewer
MOST_SAMPLES = 10
N_INIT = 5  # starts of each fit on a sample
GRID = 4096  # places at which a density is computed; on either side of the values, as many again lie outside
FADED = 1e-6  # of the highest density: lower ones are noise
HALVINGS = 20  # of the range in which the bandwidth is sought


def measure(points: Points, centroids: Integers, found_again: Sequence[float], seed: int) -> Structure:
    """Return what there is to know of the segments beside how well they fit: they may be no groups at all.

    found_again: by segment (k), on resampled customers.
    """
    with kmeans.alike_everywhere():
        beside = _beside_one_crowd(points, centroids, seed)
    return Structure(round(beside, 3), tuple(round(index, 3) for index in found_again))


def told(model: SegmentModel) -> list[str]:
    """Return a sentence for all that a reader should know before relying on the segments' borders."""
    structure = model.structure
    of_structure = [*_one_crowd(structure), *_fragile(structure)] if structure else []
    return [*of_structure, *_price(model)]


def _price(model: SegmentModel) -> list[str]:
    if not model.boxes:
        return []
    more = f"{model.price - 1:.1%} higher than" if model.price > 1 else "no higher than"
    return [f"Each rule is right for everybody; the inertia of the segments is {more} with the nearest centroids."]


def _one_crowd(structure: Structure) -> list[str]:
    if structure.beside_one_crowd < ONE_CROWD:
        return []
    return [
        "These are slices of one crowd: other borders would do as well. The customers of a segment are hardly nearer "
        f"to each other than in a crowd without any groups (inertia: {structure.beside_one_crowd:.0%} of that)."
    ]


def _fragile(structure: Structure) -> list[str]:
    found = [(letter, index) for letter, index in zip(LETTERS, structure.found_again, strict=False) if index < FRAGILE]
    if not found:
        return []
    one = len(found) == 1
    which = " and ".join(f"{letter} ({index:.2f})" for letter, index in found)
    return [
        f"Segment{'' if one else 's'} {which} {'is' if one else 'are'} fragile: other customers of the same kind would "
        f"have drawn {'it' if one else 'them'} otherwise. The figure is the part that is found again when customers "
        f"are drawn anew (Jaccard index; {FRAGILE} is the least to rely on)."
    ]


def _beside_one_crowd(points: Points, centroids: Integers, seed: int) -> float:
    """Return the inertia that is left of the points, over what as many centroids leave of one crowd: each as a share.

    The crowd has one hump on every axis: the density at the critical bandwidth (Silverman, 1981), with the variance of
    the points. Ranks are correlated as those of the points, by a Gaussian copula. Of FEW segments and of fewer, the
    lesser is taken: two or three cannot do better than in a crowd where customers differ on other axes, too.
    """
    scaled, weights = points.scaled, points.customers / points.total
    crowds = _crowds(scaled[:, np.ptp(scaled, axis=0) > 0], weights, min(points.total, DRAWS), seed)
    nearest = kmeans.squared_distances(scaled, centroids / points.axes[0].unit).min(axis=1)
    left = {len(centroids): float(weights @ nearest)}
    if len(centroids) < FEW <= len(points.coarse[0]):
        inertia, _ = kmeans.best(*points.coarse, FEW, seed, N_INIT)
        left[FEW] = inertia / points.total
    return min(share / max(_left(crowds, k, seed), TINY) for k, share in left.items())


def _left(crowds: Sequence[Floats], k: int, seed: int) -> float:
    """Return the mean squared distance to the nearest of k centroids, over all crowds (each customers x axes)."""
    return float(
        np.mean([kmeans.best(crowd, np.ones(len(crowd)), k, seed, N_INIT)[0] / len(crowd) for crowd in crowds])
    )


def _crowds(values: Floats, weights: Floats, size: int, seed: int) -> list[Floats]:
    """Return samples of one crowd, of this size. values: of the points (points x axes), none of them all alike."""
    centred = values - weights @ values
    spread = np.sqrt(weights @ centred**2)
    margins = [_Margin.of(along, weights) for along in centred.T]
    mixed = np.linalg.cholesky(_rank_correlation(centred, weights))
    crowds = []
    for number in range(min(MOST_SAMPLES, DRAWS // size)):
        scores = np.random.default_rng([seed, number]).standard_normal((size, len(margins))) @ mixed.T
        crowd = np.column_stack([margin.at(along) for margin, along in zip(margins, scores.T, strict=True)])
        crowds.append((crowd - crowd.mean(axis=0)) / crowd.std(axis=0) * spread)
    return crowds


@dataclass(frozen=True)
class _Margin:
    """The density of one crowd along an axis, as its running sum."""

    places: Floats
    running: Floats

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> "_Margin":
        """Return the smoothest one that has one hump: at the least bandwidth at which there is no second."""
        low, high = values.min(), values.max()
        places, step = np.linspace(low - (high - low), high + (high - low), GRID, retstep=True)
        heaped = np.bincount(np.rint((values - places[0]) / step).astype(int), weights, GRID)
        waves, frequencies = np.fft.rfft(heaped), np.fft.rfftfreq(GRID, step)

        def density(bandwidth: float) -> Floats:
            smoothed: Floats = np.fft.irfft(waves * np.exp(-2 * (np.pi * frequencies * bandwidth) ** 2), GRID)
            return np.where(smoothed < FADED * smoothed.max(), 0, smoothed)

        narrow, wide = step, (high - low) / 2
        for _ in range(HALVINGS):
            middle = np.sqrt(narrow * wide)
            narrow, wide = (middle, wide) if _humps(density(middle)) > 1 else (narrow, middle)
        running = np.cumsum(density(wide))
        return cls(places, running / running[-1])

    def at(self, scores: Floats) -> Floats:
        """Return the values at normal scores, of the same share of the crowd below."""
        from scipy.special import ndtr

        found: Floats = np.interp(ndtr(scores), self.running, self.places)
        return found


def _humps(density: Floats) -> int:
    """Return how often the density turns from rising to falling; nearly level is level."""
    turns = np.sign(np.diff(np.round(density / density.max(), 7)))
    turns = turns[turns != 0]
    return int((np.diff(turns) < 0).sum())


def _rank_correlation(values: Floats, weights: Floats) -> Floats:
    """Return the correlation of the normal scores of ranks (axes x axes); who is alike shares the middle of ranks."""
    from scipy.special import ndtri

    scores = []
    for along in values.T:
        _, inverse = np.unique(along, return_inverse=True)
        shares = np.bincount(inverse, weights)
        scores.append(ndtri((np.cumsum(shares) - shares / 2)[inverse]))
    centred = np.array(scores) - (np.array(scores) @ weights)[:, None]
    covariance = (centred * weights) @ centred.T
    deviation = np.sqrt(np.diag(covariance))
    found: Floats = covariance / np.outer(deviation, deviation) + 1e-9 * np.eye(len(deviation))  # never singular
    return found
