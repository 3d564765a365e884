import itertools

import numpy as np
import pytest

from layerswitch.measurement.statistics import Sequential


@pytest.mark.parametrize(("most", "coverage"), [(12, 0.9), (14, 0.8)])
def test_error_is_kept_exactly_over_all_sequences_of_signs(most, coverage):
    """Every one of the 2^most equally likely sequences, looked at after every round."""
    rule, wrong = Sequential(most, coverage), 0
    for signs in itertools.product((0, 1), repeat=most):
        ups = list(itertools.accumulate(signs))
        wrong += any(max(up, n - up) >= rule.needed(n) for n, up in enumerate(ups, 1))
    assert 0 < wrong / 2**most <= 1 - coverage


def test_interval_and_verdict_agree():
    rule = Sequential(40)
    random = np.random.default_rng(1)
    for shift, count in itertools.product((-0.02, 0.0, 0.02), range(1, 41)):
        found = rule.interval(random.normal(shift, 0.02, count))
        if rule.needed(count) > count:
            assert rule.verdict(found) == "no difference seen"
        else:
            assert (rule.verdict(found) != "no difference seen") == (not found.low <= 0 <= found.high)


def test_a_large_difference_is_decided_soon_and_a_longer_limit_asks_for_more():
    soon = {most: next(n for n in range(1, most) if Sequential(most).needed(n) <= n) for most in (20, 100, 1000)}
    assert soon[20] <= soon[100] <= soon[1000] <= 13


def test_wrong_verdicts_are_rare_under_drift_and_outliers():
    """Two equal assignments measured in random order under a strong drift, stopped at the first verdict."""
    random, rule, wrong = np.random.default_rng(2), Sequential(60), 0
    for _ in range(400):
        times = 100 * np.exp(np.cumsum(random.normal(0, 0.02, 120)) + 0.3 * (random.random(120) < 0.05)).reshape(60, 2)
        swap = random.random(60) < 0.5
        gains = np.where(swap, 1 - times[:, 0] / times[:, 1], 1 - times[:, 1] / times[:, 0])
        wrong += any(rule.verdict(rule.interval(gains[:n])) != "no difference seen" for n in range(6, 61))
    assert wrong / 400 <= 0.07  # 5 %, and two standard errors


def test_nothing_has_no_interval():
    with pytest.raises(ValueError, match="no samples"):
        Sequential(10).interval([])


def test_an_interval_never_grows_and_a_verdict_stands():
    rule, random = Sequential(60), np.random.default_rng(3)
    for shift in (0.0, 0.01, 0.03):
        gains = random.normal(shift, 0.02, 60).tolist()
        found = [rule.interval(gains[:count]) for count in range(1, 61) if rule.needed(count) <= count]
        for before, after in itertools.pairwise(found):
            assert before.low <= after.low <= after.median <= after.high <= before.high
        said = [rule.verdict(one) for one in found]
        decided = [verdict for verdict in said if verdict != "no difference seen"]
        assert decided == said[len(said) - len(decided) :]
        assert len(set(decided)) <= 1


def test_what_all_intervals_have_in_common_still_covers_whenever_one_stops():
    """The truth lies within at every look, in 95 % of cases, whatever the noise looks like."""
    rule, random, missed = Sequential(40), np.random.default_rng(4), 0
    for _ in range(1000):
        found = rule.interval((0.02 + 0.01 * random.standard_t(2, 40)).tolist())
        missed += not found.low <= 0.02 <= found.high
    assert missed <= 64  # 5 % of 1,000 and two standard errors; four fifths of it are spent


def test_of_a_difference_that_changes_meanwhile_the_last_interval_counts():
    rule, random = Sequential(60), np.random.default_rng(5)
    gains = [*random.normal(0.1, 0.001, 15), *random.normal(-0.1, 0.001, 45)]
    ordered, needed = sorted(gains), rule.needed(60)
    found = rule.interval(gains)
    assert (found.low, found.high) == (ordered[60 - needed], ordered[needed - 1])
    assert found.low <= found.median <= found.high


def needed_at_once(most, alpha):
    """The same rule over all rounds and all numbers of heads, without leaving out what cannot be."""
    alive, spent, needed = np.ones(1), 0.0, []
    for count in range(1, most + 1):
        alive = (np.append(alive, 0.0) + np.append(0.0, alive)) / 2
        allowed = 0.8 * alpha * np.log1p((np.e - 1) * count / most) - spent
        heads = count + 1
        while heads - 1 > count / 2 and 2 * alive[heads - 1 :].sum() <= allowed:
            heads -= 1
        spent += 2 * alive[heads:].sum()
        alive[heads:] = 0.0
        alive[: count - heads + 1] = 0.0
        needed.append(heads)
    return needed


@pytest.mark.parametrize(("most", "coverage"), [(1, 0.95), (2, 0.5), (5, 0.95), (40, 0.95), (130, 1 - 0.05 / 15)])
def test_a_rule_is_the_same_however_far_it_was_worked_out(most, coverage):
    rule, expected = Sequential(most, coverage), needed_at_once(most, 1 - coverage)
    for rounds in (1, most, *range(most, 0, -3)):
        assert rule.needed(rounds) == expected[rounds - 1]


@pytest.mark.parametrize("most", [10**6, 10**15, 10**400])
def test_a_limit_that_is_far_off_costs_nothing_before_it_is_reached(most):
    """Worked out to the end, a million rounds would take hours before the second one."""
    rule = Sequential(most)
    assert rule.needed(20) == 21 or 12 < rule.needed(20) <= 20
    assert rule.needed(200) >= 130


@pytest.mark.parametrize("most", range(1, 9))
def test_very_few_rounds_show_nothing_they_must_not(most):
    """All 2^most sequences of signs: with so few rounds the rule may never speak, and never speaks too often."""
    rule = Sequential(most)
    spoken = 0
    for signs in itertools.product((-0.1, 0.1), repeat=most):
        found = [rule.verdict(rule.interval(signs[:count])) for count in range(1, most + 1)]
        spoken += any(one != "no difference seen" for one in found)
    assert spoken / 2**most <= 0.05
    assert (spoken > 0) == (most >= 6)
