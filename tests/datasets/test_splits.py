import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vaticina.datasets.splits import Split, duplicate_groups, folds, split_by_order, stratified_split

sizes = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=200)
seeds = st.integers(0, 5)


def divided(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Units, each of one stratum."""
    groups = np.array([group * 3 + stratum for group, stratum in pairs], dtype=np.intp)
    return groups, np.array([stratum for _, stratum in pairs], dtype=np.intp)


def parts_no_group(parted: Split, groups: np.ndarray) -> bool:
    return not set(groups[parted.train].tolist()) & set(groups[parted.held_out].tolist())


@given(sizes, st.floats(0.05, 0.5), seeds)
def test_a_split_divides_the_rows_and_no_unit(pairs: list[tuple[int, int]], share: float, seed: int) -> None:
    groups, strata = divided(pairs)
    parted = stratified_split(groups, strata, share, seed)
    assert sorted([*parted.train, *parted.held_out]) == list(range(len(groups)))
    assert parts_no_group(parted, groups)
    assert stratified_split(groups, strata, share, seed).held_out.tolist() == parted.held_out.tolist()


@given(sizes, seeds)
def test_a_stratum_of_two_units_is_never_held_out_whole(pairs: list[tuple[int, int]], seed: int) -> None:
    groups, strata = divided(pairs)
    train = stratified_split(groups, strata, 0.2, seed).train
    for stratum in np.unique(strata):
        if len(np.unique(groups[strata == stratum])) > 1:
            assert stratum in strata[train]


@given(sizes, st.integers(2, 5), seeds)
def test_folds_hold_each_row_out_once(pairs: list[tuple[int, int]], parts: int, seed: int) -> None:
    groups, strata = divided(pairs)
    cut = folds(groups, strata, parts, seed)
    assert sorted(row for one in cut for row in one.held_out) == list(range(len(groups)))
    assert all(parts_no_group(one, groups) and len(one.held_out) for one in cut)


def test_each_stratum_is_held_out_in_its_share() -> None:
    strata = np.repeat([0, 1], [900, 100])
    held_out = stratified_split(np.arange(1000), strata, 0.2).held_out
    assert np.bincount(strata[held_out]).tolist() == [180, 20]
    assert all(np.bincount(strata[one.held_out]).tolist() == [180, 20] for one in folds(np.arange(1000), strata, 5))


def test_repeats_are_one_unit_missing_values_included() -> None:
    matrix = np.column_stack([np.arange(200) // 2, np.full(200, np.nan)])
    groups = duplicate_groups(matrix, np.zeros(200))
    assert groups[::2].tolist() == groups[1::2].tolist()
    assert len(np.unique(groups)) == 100
    assert len(np.unique(duplicate_groups(matrix, np.arange(200) % 2))) == 200


def test_rows_of_a_table_of_few_different_rows_stand_alone() -> None:
    assert len(np.unique(duplicate_groups(np.zeros((500, 2)), None))) == 500


def test_the_last_rows_are_held_out_by_time() -> None:
    parted = split_by_order(np.array([30.0, 10.0, 50.0, 20.0, 40.0]), 0.4)
    assert parted.train.tolist() == [0, 1, 3]
    assert parted.held_out.tolist() == [2, 4]
