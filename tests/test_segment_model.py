"""What a model is stored as: ids are hashes of it, and databases hold models of earlier versions of the job."""

import json
import math
from dataclasses import replace

import pytest

from job.errors import DataError
from job.model.segment_model import Axis, Bins, Box, Meaning, Quality, Rule, SegmentModel, Structure

AXIS = Axis("monetary", False, "log1p", "refuse", 4.5, 0.875, 1_000_000, -3_000_000, 250)
MODEL = SegmentModel(
    axes=(AXIS,),
    centroids=((1_250_000,), (-400_000,)),
    names=("one order, high spend", "one order, low spend"),
    names_given=(),
    rules=(Rule("over 361 {currency}", 0.9971), Rule("up to 361 {currency}", 0.9985)),
    shares=(0.25, 0.75),
    order_by="monetary",
    inertia=1234.5,
    error_bound=2e-7,
    refinements=0,
    points=812,
    customers=4000,
    bins=(Bins((3.5, 4.5), (0.25, 0.5, 0.25)),),
    tried=(Quality(2, 1234.5, 0.625, 0.5, 0.75, 5120.0, 0.25, 0.9375),),
    feature_space_fingerprint="the features",
    settings_fingerprint="the config",
    input_fingerprint="the points",
    held_back=False,
)


def test_ids_and_stored_names_stay_what_they_were() -> None:
    """Another name would make another id of the same model, and leave the stored ones unread."""
    stored = json.loads(MODEL.to_json())
    assert (stored["space"], stored["asked"], stored["input"]) == ("the features", "the config", "the points")
    assert sorted(stored) == [
        "asked", "axes", "bins", "centroids", "customers", "error_bound", "held_back", "inertia", "input", "names",
        "names_given", "order_by", "points", "refinements", "rules", "shares", "space", "tried",
    ]  # fmt: skip
    assert MODEL.model_id == "1d11fd278f1904aa"


def test_a_stored_model_is_read_as_it_was() -> None:
    assert SegmentModel.from_json(MODEL.to_json()) == MODEL


def test_what_names_mean_is_stored_with_them() -> None:
    """A model without it, such as one of an earlier version, keeps its id."""
    meanings = (Meaning({"monetary": (361.0, math.inf), "frequency": (-math.inf, 1.0)}, 0.99), Meaning())
    named = replace(MODEL, meanings=meanings)
    assert SegmentModel.from_json(named.to_json()) == named
    assert "meanings" not in json.loads(MODEL.to_json())
    assert named.in_order([1, 0]).meanings == meanings[::-1]


def test_what_is_said_of_a_model_is_kept_with_it_and_no_part_of_its_id() -> None:
    said = replace(MODEL, structure=Structure(0.95, (0.7, 0.5)))
    assert SegmentModel.from_json(said.to_json()) == said and said.model_id == MODEL.model_id
    assert "structure" not in json.loads(MODEL.to_json())
    assert said.in_order([1, 0]).structure == Structure(0.95, (0.5, 0.7))


def test_boxes_are_a_part_of_a_model() -> None:
    boxes = (Box({"monetary": (361.0, math.inf)}), Box({"monetary": (-math.inf, 361.0)}))
    by_rules = replace(MODEL, boxes=boxes, price=1.02)
    assert SegmentModel.from_json(by_rules.to_json()) == by_rules and by_rules.model_id != MODEL.model_id
    assert not {"boxes", "price"} & json.loads(MODEL.to_json()).keys()
    assert by_rules.in_order([1, 0]).boxes == boxes[::-1]


def test_a_model_of_another_version_is_reported() -> None:
    with pytest.raises(DataError, match="made by another version of the job"):
        SegmentModel.from_json(json.dumps(json.loads(MODEL.to_json()) | {"colour": "blue"}))
