"""Which columns come first, in the shapes of schemas that shops have."""

from public_schemas import Case, cases

from job.setup import ranking

CASES = list(cases())


def wrong(case: Case) -> dict[str, str]:
    """The roles whose first column is not right, with what came first."""
    found = {role: str(column) if column else "-" for role, column in ranking.first(case.shop).items()}
    return {role: found[role] for role, names in case.right.items() if found[role] not in names}


def test_the_right_columns_come_first_in_what_shops_have() -> None:
    missed = {case.name: found for case in CASES if (found := wrong(case))}
    assert len(CASES) >= 40 and len(CASES) - len(missed) >= len(CASES) * 0.9, missed
