"""Right and wrong answers to the exercises of lesson 13: each wrong one stands for a misconception."""

import itertools
import math

import numpy as np
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_pinball_loss

from tlkit.checks.testing import Args
from tlkit.forecasting import RidgeTowards, band_from_others, forget, mean_by_shop, repeat_season, rolling_origins
from tlkit.measure import mean_interval

# --- 13.1


def season_by_places(sales, season, horizon):
    return sales[-season:][np.arange(horizon) % season]


def season_by_resize(sales, season, horizon):
    return np.resize(sales[len(sales) - season :], horizon)


def season_in_a_cycle(sales, season, horizon):
    return list(itertools.islice(itertools.cycle(sales.tolist()[-season:]), horizon))


def season_week_by_week(sales, season, horizon):
    return [sales[len(sales) - season + week % season] for week in range(horizon)]


def season_of_the_kit(sales, season, horizon):
    return repeat_season(sales, season, horizon)


def season_of_the_last_value(sales, season, horizon):
    return np.full(horizon, sales[-1])


def season_as_a_mean(sales, season, horizon):
    return np.full(horizon, sales[-season:].mean())


def season_backwards(sales, season, horizon):
    return np.resize(sales[::-1][:season], horizon)


def season_of_the_first_weeks(sales, season, horizon):
    return np.resize(sales[:season], horizon)


def season_a_week_late(sales, season, horizon):
    return np.resize(np.roll(sales[-season:], -1), horizon)


def season_only_once(sales, season, horizon):
    return sales[-season:][:horizon]


def season_by_the_calendar(sales, season, horizon):
    last = sales[-season:]
    return np.array([last[(len(sales) + week) % season] for week in range(horizon)])


NAIVE = {"the last value": [0.4], "the last four weeks": [0.4], "the mean of the known weeks": [0.3]}

# --- 13.2


def origins_by_range(num_weeks, num_known, horizon, step):
    return list(range(num_weeks - horizon, num_known - 1, -step))[::-1]


def origins_that_divide(num_weeks, num_known, horizon, step):
    last = num_weeks - horizon
    return [origin for origin in range(num_known, last + 1) if (last - origin) % step == 0]


def origins_of_the_kit(num_weeks, num_known, horizon, step):
    return rolling_origins(num_weeks, num_known, horizon, step)


def origins_in_a_loop(num_weeks, num_known, horizon, step):
    found, origin = [], num_weeks - horizon
    while origin - num_known >= 0:
        found.insert(0, origin)
        origin -= step
    return found


def origins_from_the_first(num_weeks, num_known, horizon, step):
    spare = num_weeks - num_known - horizon
    return np.arange(num_known + spare % step, num_weeks - horizon + 1, step)


def origins_forward(num_weeks, num_known, horizon, step):
    return list(range(num_known, num_weeks - horizon + 1, step))


def origins_beyond_the_end(num_weeks, num_known, horizon, step):
    return list(range(num_weeks - 1, num_known - 1, -step))[::-1]


def origins_with_too_little_known(num_weeks, num_known, horizon, step):
    return list(range(num_weeks - horizon, 0, -step))[::-1]


def origins_latest_first(num_weeks, num_known, horizon, step):
    return list(range(num_weeks - horizon, num_known - 1, -step))


def origins_without_the_earliest(num_weeks, num_known, horizon, step):
    return list(range(num_weeks - horizon, num_known, -step))[::-1]


def origins_by_horizon(num_weeks, num_known, horizon, step):
    return list(range(num_weeks - horizon, num_known - 1, -horizon))[::-1]


def origins_as_a_count(num_weeks, num_known, horizon, step):
    return len(origins_by_range(num_weeks, num_known, horizon, step))


# --- 13.3


def shrunk_by_change(features, sales, penalty, towards):
    square = features.T @ features + penalty * np.eye(features.shape[1])
    return towards + np.linalg.solve(square, features.T @ (sales - features @ towards))


def shrunk_at_once(features, sales, penalty, towards):
    square = features.T @ features + penalty * np.eye(len(towards))
    return np.linalg.inv(square) @ (features.T @ sales + penalty * towards)


def shrunk_with_scikit_learn(features, sales, penalty, towards):
    ridge = Ridge(penalty, fit_intercept=False).fit(features, sales - features @ towards)
    return ridge.coef_ + towards


def shrunk_with_more_rows(features, sales, penalty, towards):
    root = math.sqrt(penalty)
    rows = np.vstack([features, root * np.eye(len(towards))])
    return np.linalg.lstsq(rows, np.append(sales, root * towards), rcond=None)[0]


def shrunk_to_zero(features, sales, penalty, towards):
    return shrunk_by_change(features, sales, penalty, 0 * towards)


def shrunk_without_a_penalty(features, sales, penalty, towards):
    return np.linalg.lstsq(features, sales, rcond=None)[0]


def shrunk_to_the_others_only(features, sales, penalty, towards):
    return towards


def shrunk_with_the_other_sign(features, sales, penalty, towards):
    return shrunk_by_change(features, sales, penalty, -towards)


def shrunk_and_added(features, sales, penalty, towards):
    return shrunk_to_zero(features, sales, penalty, towards) + towards


def shrunk_as_a_change(features, sales, penalty, towards):
    return shrunk_by_change(features, sales, penalty, towards) - towards


def shrunk_of_means(features, sales, penalty, towards):
    return shrunk_by_change(features, sales, penalty * len(sales), towards)


def shrunk_with_an_intercept(features, sales, penalty, towards):
    ridge = Ridge(penalty).fit(features, sales - features @ towards)
    return ridge.coef_ + towards


def shrunk_of_the_kit(features, sales, penalty, towards):
    return RidgeTowards(penalty, np.append(towards, 0.0)).fit(features, sales).coef_


BY_RIDGE = {"a ridge of its own": [0.3, 0.2], "the ridge of the other shops": [0.2, 0.2]}

# --- 13.4


def over_shops_by_hand(errors, baseline, shop):
    gains = np.array([(errors - baseline)[shop == each].mean() for each in np.unique(shop)])
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return gains.mean(), gains.mean() - half, gains.mean() + half


def over_shops_of_the_kit(errors, baseline, shop):
    found = mean_interval(mean_by_shop(errors - baseline, shop))
    return found.mean, found.low, found.high


def over_shops_as_an_interval(errors, baseline, shop):
    gains = errors - baseline
    return mean_interval([gains[shop == each].mean() for each in set(shop.tolist())])


def over_shops_by_counts(errors, baseline, shop):
    _, codes = np.unique(shop, return_inverse=True)
    gains = np.bincount(codes, (errors - baseline).mean(axis=1)) / np.bincount(codes)
    return [gains.mean(), *stats.t.interval(0.95, len(gains) - 1, loc=gains.mean(), scale=stats.sem(gains))]


def over_shops_by_a_test(errors, baseline, shop):
    by_shop = {}
    for name, mine, theirs in zip(shop.tolist(), errors, baseline, strict=True):
        by_shop.setdefault(name, []).append(float(np.mean(mine - theirs)))
    gains = [sum(each) / len(each) for each in by_shop.values()]
    low, high = stats.ttest_1samp(gains, 0).confidence_interval(0.95)
    return np.array([(low + high) / 2, low, high])


def over_windows(errors, baseline, shop):
    gains = mean_by_shop(errors - baseline, shop)
    found = mean_interval((errors - baseline).mean(axis=1))
    half = (found.high - found.low) / 2
    return gains.mean(), gains.mean() - half, gains.mean() + half


def over_windows_with_their_mean(errors, baseline, shop):
    found = mean_interval((errors - baseline).mean(axis=1))
    return found.mean, found.low, found.high


def over_shops_turned_round(errors, baseline, shop):
    return over_shops_by_hand(baseline, errors, shop)


def over_shops_unpaired(errors, baseline, shop):
    mine, theirs = (mean_interval(mean_by_shop(each, shop)) for each in (errors, baseline))
    half = np.hypot(mine.high - mine.mean, theirs.high - theirs.mean)
    return mine.mean - theirs.mean, mine.mean - theirs.mean - half, mine.mean - theirs.mean + half


def over_shops_of_one(errors, baseline, shop):
    gains = mean_by_shop(errors - baseline, shop)
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1)
    return gains.mean(), gains.mean() - half, gains.mean() + half


def over_shops_of_a_bell(errors, baseline, shop):
    gains = mean_by_shop(errors - baseline, shop)
    half = 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))
    return gains.mean(), gains.mean() - half, gains.mean() + half


def over_shops_as_a_half(errors, baseline, shop):
    mean, low, high = over_shops_by_hand(errors, baseline, shop)
    return mean, (high - low) / 2


def over_shops_high_first(errors, baseline, shop):
    mean, low, high = over_shops_by_hand(errors, baseline, shop)
    return mean, high, low


WIDTHS = {"over weeks": 0.01, "over shops": 0.03}

# --- 13.5


def allowed_by_both(windows, target, origin):
    return [place for place, each in enumerate(windows) if each["shop"] != target and each["last"] < origin]


def allowed_by_arrays(windows, target, origin):
    shop, last = (np.array([each[name] for each in windows]) for name in ("shop", "last"))
    return np.flatnonzero((shop != target) & (last <= origin - 1))


def allowed_by_weeks(windows, target, origin):
    past = set(range(origin))
    weeks = [set(range(each["first"], each["last"] + 1)) for each in windows]
    return {place for place, own in enumerate(weeks) if own <= past and windows[place]["shop"] != target}


def allowed_by_removal(windows, target, origin):
    left = list(range(len(windows)))
    for place, each in enumerate(windows):
        if each["shop"] == target or origin <= each["last"]:
            left.remove(place)
    return left


def allowed_by_shop(windows, target, origin):
    return [place for place, each in enumerate(windows) if each["shop"] != target]


def allowed_by_time(windows, target, origin):
    return [place for place, each in enumerate(windows) if each["last"] < origin]


def allowed_by_the_first_week(windows, target, origin):
    return [place for place, each in enumerate(windows) if each["shop"] != target and each["first"] < origin]


def allowed_with_the_origin(windows, target, origin):
    return [place for place, each in enumerate(windows) if each["shop"] != target and each["last"] <= origin]


def allowed_without_the_last(windows, target, origin):
    return [place for place, each in enumerate(windows) if each["shop"] != target and each["last"] < origin - 1]


def allowed_as_a_number(windows, target, origin):
    return len(allowed_by_both(windows, target, origin))


def allowed_as_windows(windows, target, origin):
    return [windows[place] for place in allowed_by_both(windows, target, origin)]


def allowed_all(windows, target, origin):
    return list(range(len(windows)))


LEAKED = {"honest": [0.4, 0.4], "leaking": [0.3, 0.3]}

# --- 13.6


def pinball_by_maximum(sales, said, level):
    missing = sales - said
    return np.mean(np.maximum(level * missing, (level - 1) * missing))


def pinball_in_a_loop(sales, said, level):
    total = 0.0
    for sold, forecast in zip(sales.tolist(), said.tolist(), strict=True):
        total += level * (sold - forecast) if sold > forecast else (1 - level) * (forecast - sold)
    return total / len(sales)


def pinball_of_scikit_learn(sales, said, level):
    return mean_pinball_loss(sales, said, alpha=level)


def pinball_in_two_parts(sales, said, level):
    missing = sales - said
    return float((level * np.clip(missing, 0, None) + (1 - level) * np.clip(-missing, 0, None)).mean())


def pinball_summed(sales, said, level):
    return pinball_by_maximum(sales, said, level) * len(sales)


def pinball_exchanged(sales, said, level):
    return pinball_by_maximum(sales, said, 1 - level)


def pinball_as_an_absolute_error(sales, said, level):
    return np.abs(sales - said).mean()


def pinball_without_the_other_side(sales, said, level):
    return (level * np.maximum(sales - said, 0)).mean()


def pinball_with_a_sign(sales, said, level):
    return (level * (sales - said)).mean()


def pinball_squared(sales, said, level):
    return (np.where(sales >= said, level, 1 - level) * (sales - said) ** 2).mean()


def pinball_twice(sales, said, level):
    return 2 * pinball_by_maximum(sales, said, level)


def pinball_of_sides(sales, said, level):
    return np.where(sales >= said, level, 1 - level).mean()


BY_WAY = {
    "the ridge shrunk to the others'": [0.2],
    "the tuned network of the others": [0.2],
    "a network from scratch": [0.3],
}

# --- 13.7


def half_by_rank(errors, share):
    rank = int(np.ceil(round((len(errors) + 1) * share, 9)))
    return np.sort(np.abs(errors))[rank - 1] if rank <= len(errors) else np.inf


def half_by_partition(errors, share):
    sizes = np.append(np.abs(errors), np.inf)
    rank = math.ceil(round(len(sizes) * share, 9))
    return np.partition(sizes, rank - 1)[rank - 1]


def half_of_the_kit(errors, share):
    return band_from_others(errors, share)


def half_in_plain_python(errors, share):
    sizes = sorted(abs(error) for error in errors.tolist())
    rank = math.ceil((len(sizes) + 1) * share - 1e-9)
    return math.inf if rank > len(sizes) else sizes[rank - 1]


def half_by_counting(errors, share):
    sizes = np.append(np.abs(errors), np.inf)
    enough = [np.mean(sizes <= size) >= share - 1e-9 for size in sizes]
    return sizes[enough].min()


def half_of_a_plain_rank(errors, share):
    sizes = np.sort(np.abs(errors))
    return sizes[math.ceil(round(len(sizes) * share, 9)) - 1]


def half_by_quantile(errors, share):
    return np.quantile(np.abs(errors), share)


def half_with_signs(errors, share):
    rank = int(np.ceil(round((len(errors) + 1) * share, 9)))
    return np.sort(errors)[min(rank, len(errors)) - 1]


def half_as_a_whole(errors, share):
    return 2 * half_by_rank(errors, share)


def half_of_a_bell(errors, share):
    return errors.std() * 1.2816


def half_of_the_largest(errors, share):
    return np.abs(errors).max()


def half_never_infinite(errors, share):
    rank = int(np.ceil(round((len(errors) + 1) * share, 9)))
    return np.sort(np.abs(errors))[min(rank, len(errors)) - 1]


def half_as_two_ends(errors, share):
    return -half_by_rank(errors, share), half_by_rank(errors, share)


COVERED = {"own errors": [0.6, 0.7], "others' errors": [0.8, 0.8]}

# --- 13.8


def level_by_average(sales, half_life):
    return np.average(sales, weights=0.5 ** (np.arange(len(sales))[::-1] / half_life))


def level_by_polynomials(sales, half_life):
    fading = 0.5 ** (1 / half_life)
    return np.polyval(sales, fading) / np.polyval(np.ones(len(sales)), fading)


def level_of_the_kit(sales, half_life):
    weights = forget(len(sales), half_life)
    return weights @ sales / weights.sum()


def level_in_a_loop(sales, half_life):
    total = weight = 0.0
    for value in sales.tolist():
        total, weight = total * 0.5 ** (1 / half_life) + value, weight * 0.5 ** (1 / half_life) + 1
    return total / weight


def level_by_exponentials(sales, half_life):
    weights = np.exp(-math.log(2) * np.arange(len(sales)) / half_life)
    return (weights * sales[::-1]).sum() / weights.sum()


def level_of_the_oldest(sales, half_life):
    return level_by_average(sales[::-1], half_life)


def level_with_e(sales, half_life):
    return np.average(sales, weights=np.exp(-np.arange(len(sales))[::-1] / half_life))


def level_summed(sales, half_life):
    return (0.5 ** (np.arange(len(sales))[::-1] / half_life) * sales).sum()


def level_divided_by_weeks(sales, half_life):
    return (0.5 ** (np.arange(len(sales))[::-1] / half_life) * sales).mean()


def level_as_a_mean(sales, half_life):
    return sales.mean()


def level_as_the_last(sales, half_life):
    return sales[-1]


def level_cut_off(sales, half_life):
    return sales[-int(min(max(half_life, 1), len(sales))) :].mean()


def level_by_product(sales, half_life):
    with np.errstate(invalid="ignore"):
        return np.average(sales, weights=0.5 ** (np.arange(len(sales))[::-1] * half_life))


REGIMES = {"all weeks alike": [0.5, 0.4], "old weeks fade": [0.7, 0.6]}


ANSWERS = {
    "13.1": {
        "right": [
            Args(season_by_places, NAIVE),
            Args(season_by_resize, NAIVE),
            Args(season_in_a_cycle, NAIVE),
            Args(season_week_by_week, NAIVE),
        ],
        "wrong": [
            (Args(season_of_the_kit, NAIVE), "write this yourself. Your answer calls repeat_season"),
            (Args(season_of_the_last_value, NAIVE), "This is the last value"),
            (Args(season_as_a_mean, NAIVE), "mean of the last season"),
            (Args(season_backwards, NAIVE), "runs backwards"),
            (Args(season_of_the_first_weeks, NAIVE), r"\*first\* season"),
            (Args(season_a_week_late, NAIVE), "one week off"),
            (Args(season_only_once, NAIVE), "one for each week to come"),
        ],
        "refused": [Args(season_by_the_calendar, NAIVE)],
        "prediction": "the last value",
    },
    "13.2": {
        "right": [origins_by_range, origins_that_divide, origins_in_a_loop, origins_from_the_first],
        "wrong": [
            (origins_of_the_kit, "write this yourself. Your answer calls rolling_origins"),
            (origins_forward, "can end with the last week"),
            (origins_beyond_the_end, "with nothing to compare"),
            (origins_with_too_little_known, "fewer than"),
            (origins_latest_first, "the earliest origin comes first"),
            (origins_without_the_earliest, "has no origin|exactly `num_known` weeks|No possible origin is left out"),
            (origins_as_a_count, "Return a list of weeks"),
        ],
        "refused": [origins_by_horizon],
    },
    "13.3": {
        "right": [
            Args(shrunk_by_change, BY_RIDGE),
            Args(shrunk_at_once, BY_RIDGE),
            Args(shrunk_with_scikit_learn, BY_RIDGE),
            Args(shrunk_with_more_rows, BY_RIDGE),
        ],
        "wrong": [
            (Args(shrunk_to_zero, BY_RIDGE), "shrunk to zero"),
            (Args(shrunk_without_a_penalty, BY_RIDGE), "penalty is missing"),
            (Args(shrunk_to_the_others_only, BY_RIDGE), "own weeks count, too"),
            (Args(shrunk_with_the_other_sign, BY_RIDGE), "look at the signs"),
            (Args(shrunk_and_added, BY_RIDGE), "Shrink what is left"),
            (Args(shrunk_as_a_change, BY_RIDGE), "add `towards` to them"),
            (Args(shrunk_of_means, BY_RIDGE), "summed over the weeks"),
        ],
        "refused": [Args(shrunk_with_an_intercept, BY_RIDGE), Args(shrunk_of_the_kit, BY_RIDGE)],
        "prediction": "a ridge of its own",
    },
    "13.4": {
        "right": [
            Args(over_shops_by_hand, WIDTHS),
            Args(over_shops_of_the_kit, WIDTHS),
            Args(over_shops_by_counts, WIDTHS),
            Args(over_shops_by_a_test, WIDTHS),
            Args(over_shops_as_an_interval, WIDTHS),
        ],
        "wrong": [
            (Args(over_windows, WIDTHS), "a shop is one observation"),
            (Args(over_windows_with_their_mean, WIDTHS), "counts as much as one with few"),
            (Args(over_shops_turned_round, WIDTHS), "not the other way round"),
            (Args(over_shops_unpaired, WIDTHS), "take the differences first"),
            (Args(over_shops_of_one, WIDTHS), "not one shop"),
            (Args(over_shops_of_a_bell, WIDTHS), "larger than that of a bell"),
            (Args(over_shops_as_a_half, WIDTHS), "Return three numbers"),
            (Args(over_shops_high_first, WIDTHS), "comes before the high end"),
        ],
        "prediction": "wider",
    },
    "13.5": {
        "right": [
            Args(allowed_by_both, LEAKED),
            Args(allowed_by_arrays, LEAKED),
            Args(allowed_by_weeks, LEAKED),
            Args(allowed_by_removal, LEAKED),
        ],
        "wrong": [
            (Args(allowed_by_shop, LEAKED), "Compare its last week"),
            (Args(allowed_by_time, LEAKED), "Only other shops"),
            (Args(allowed_by_the_first_week, LEAKED), "its last weeks are weeks to be forecast"),
            (Args(allowed_with_the_origin, LEAKED), "is the origin itself"),
            (Args(allowed_as_a_number, LEAKED), r"such as `\[0, 3\]`. Received: \d"),
            (Args(allowed_as_windows, LEAKED), "Return the places of windows in the list"),
        ],
        "refused": [Args(allowed_all, LEAKED), Args(allowed_without_the_last, LEAKED)],
        "prediction": "5 to 15 %",
    },
    "13.6": {
        "right": [
            Args(pinball_by_maximum, BY_WAY),
            Args(pinball_in_a_loop, BY_WAY),
            Args(pinball_of_scikit_learn, BY_WAY),
            Args(pinball_in_two_parts, BY_WAY),
        ],
        "wrong": [
            (Args(pinball_summed, BY_WAY), "not their sum"),
            (Args(pinball_exchanged, BY_WAY), "sides are exchanged"),
            (Args(pinball_as_an_absolute_error, BY_WAY), "absolute error"),
            (Args(pinball_without_the_other_side, BY_WAY), "costs `1 - level` times the gap"),
            (Args(pinball_with_a_sign, BY_WAY), "no cost is negative"),
            (Args(pinball_squared, BY_WAY), "expectile"),
            (Args(pinball_twice, BY_WAY), "no factor of 2"),
            (Args(pinball_of_sides, BY_WAY), "not only its side"),
        ],
        "prediction": "a network from scratch",
    },
    "13.7": {
        "right": [
            Args(half_by_rank, COVERED),
            Args(half_by_partition, COVERED),
            Args(half_in_plain_python, COVERED),
            Args(half_by_counting, COVERED),
        ],
        "wrong": [
            (Args(half_of_the_kit, COVERED), "write this yourself. Your answer calls band_from_others"),
            (Args(half_of_a_plain_rank, COVERED), "The new error is one more"),
            (Args(half_by_quantile, COVERED), "nothing in between"),
            (Args(half_with_signs, COVERED), "whatever their sign"),
            (Args(half_as_a_whole, COVERED), "Half the width is asked for"),
            (Args(half_of_a_bell, COVERED), "No bell is assumed"),
            (Args(half_of_the_largest, COVERED), "the largest error"),
            (Args(half_never_infinite, COVERED), "return `np.inf`"),
            (Args(half_as_two_ends, COVERED), "Return one number"),
        ],
        "prediction": "70 to 90 %",
    },
    "13.8": {
        "right": [
            Args(level_by_average, REGIMES),
            Args(level_by_polynomials, REGIMES),
            Args(level_in_a_loop, REGIMES),
            Args(level_by_exponentials, REGIMES),
        ],
        "wrong": [
            (Args(level_of_the_kit, REGIMES), "write this yourself. Your answer calls forget"),
            (Args(level_of_the_oldest, REGIMES), r"The \*latest\* week"),
            (Args(level_with_e, REGIMES), "A half-life halves"),
            (Args(level_summed, REGIMES), "by the sum of the weights"),
            (Args(level_divided_by_weeks, REGIMES), "not by the number of weeks"),
            (Args(level_as_a_mean, REGIMES), "the plain mean"),
            (Args(level_as_the_last, REGIMES), "that is the last value"),
            (Args(level_cut_off, REGIMES), "none is cut off"),
        ],
        "refused": [Args(level_by_product, REGIMES)],
        "prediction": "below 60 %",
    },
}
