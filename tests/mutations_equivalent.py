"""Changes of a right answer that leave it right, by exercise and by the name that `tests.mutations` gives them."""

_FORMS = ("0", "1", "nan", "noise")
_ONE_ROW = "a batch of one has the same first and last row"
_INFERENCE = "outside of `fit` Keras calls a model for inference by default"
_OVERWRITTEN = "the first epoch overwrites it, since every accuracy is above -1"
_OTHER_PRIOR = "another prior of a Bayesian interval, or another number of added images: as good a formula"
_SAME_NEAREST = "another distance, with the same nearest candidate"
_SAME_SUM = "sums over as many seeds compare as their means do"
_FIRST_EPOCH = "the first epoch overwrites it, since every loss is a new low there"
_NOT_REACHED = "in a line that is never reached: after the last low, the loop always returns"
_BY_DEFAULT = "random layers augment by default"
_AHEAD = "only how many batches are prepared ahead"
_CROSSES = "the sum of equally many seeds crosses 0 where their mean does"
_NO_TIE = "no interval ends at exactly 0, and no test has exactly that level"
_INDEX = "the sign is asked for where it is far from 0"
_WIDE = "still covers the truth in 95 %: the exact interval errs on the wide side"
_AXIS_FROM_THE_END = "the arrays have one axis there: the last is the first"
_BUFFER = "a buffer of any size shuffles the part for training, which need not be shuffled at all"
_WARNINGS = "only warnings differ"
_SORTS_ITSELF = "`statistics.median` sorts by itself"
_LARGE_BUFFER = "a buffer that holds all images, too"
_ONLY_ABOVE_0 = "only asked whether it is above 0"
_TWICE = "the same is done twice, or in another order"
_SAME_CLASSES = "the queries of an episode are of the classes of its support"
_NOT_READ = "only `low` and `high` of an interval object are read"
_TOLERANCE = "no difference lies exactly at the tolerance"
_SUM_OF_0 = "differences of shares sum to 0, so that one of them is above 0"
_ANOTHER_MOVE = "another move of the weights, and another tolerance for it"
_BRACKET = "another bracket around the same root"
_CLEAR = "clear clusters: as good a classifier"
_ACTS = {f"{name} in the right form": "it acts on the model: what it returns is not read" for name in _FORMS}
_SAME_IMAGES = "all members tell the same images"
_TO_ROUNDING = "the chances sum to 1 already, up to rounding"
_SAME_SHAPES = "all members have the same arrays"
_NO_EMPTY_PIECE = "no piece is empty"
_LAST_AXIS = "the last axis is the default"
_ONE_COLUMN = "there is one only"
_SAME_SOFTMAX = "a constant added to all scores leaves the softmax as it is"

EQUIVALENT: dict[str, dict[str, str]] = {
    "0.1": {
        "epoch_in_a_loop: 0 -> 1": _OVERWRITTEN,
        "epoch_in_a_loop: 0 -> -1": _OVERWRITTEN,
        "epoch_in_a_loop: 1.0 -> 1.1": _OVERWRITTEN,
    },
    "0.2": {
        "ask_by_call: network(pixels[None].astype('float32'), training=False) -> "
        "network(pixels[None].astype('float32'))": _INFERENCE,
        "ask_with_tensors: network(tf.expand_dims(255.0 * image, 0), training=False) -> "
        "network(tf.expand_dims(255.0 * image, 0))": _INFERENCE,
        "ask_by_call: 0 -> -1": _ONE_ROW,
        "ask_by_dtype_kind: 0 -> -1": _ONE_ROW,
    },
    "0.6": {
        "interval_of_agresti_and_coull: 4 -> 5": _OTHER_PRIOR,
        "interval_of_agresti_and_coull: 4 -> 3": _OTHER_PRIOR,
        "interval_of_bayes: 0.5 -> 0.55": _OTHER_PRIOR,
        "interval_of_bayes: 0.5 -> 0.55 #2": _OTHER_PRIOR,
        "interval_of_clopper_and_pearson: 0.025 -> 0.027500000000000004": _WIDE,
        "interval_of_wilson: stats.binomtest(int(sum(right)), len(right)).proportion_ci(method='wilson') -> "
        "stats.binomtest(int(sum(right)), len(right)).proportion_ci()": "the exact interval is right, too",
        "interval_object_of_scipy: stats.binomtest(int(sum(right)), len(right)).proportion_ci(method='wilson') -> "
        "stats.binomtest(int(sum(right)), len(right)).proportion_ci()": "the exact interval is right, too",
        "interval_of_this_kit: 0.95 -> 1.045": _NOT_READ,
        "interval_of_this_kit: np.mean(right) -> np.median(right)": _NOT_READ,
        "interval_of_this_kit: np.mean(right) -> np.max(right)": _NOT_READ,
        "interval_of_this_kit: np.mean(right) -> np.sum(right)": _NOT_READ,
    },
    "1.2": {
        "nearest_scaling: np.abs(features - published).mean() -> np.abs(features - published).max()": _SAME_NEAREST,
        "nearest_scaling: np.abs(features - published).mean() -> np.abs(features - published).sum()": _SAME_NEAREST,
        "nearest_scaling: np.abs(features - published).mean() -> np.abs(features - published).median()": _SAME_NEAREST,
        "nearest_scaling: backbone(SCALINGS[name](images), training=False) -> backbone(SCALINGS[name](images))": (
            _INFERENCE
        ),
        "matching_scaling: np.allclose(features, published, rtol=0.001, atol=1e-05 * np.abs(published).max()) -> "
        "np.allclose(features, published, atol=1e-05 * np.abs(published).max())": "a tolerance as good",
        "matching_scaling: np.allclose(features, published, rtol=0.001, atol=1e-05 * np.abs(published).max()) -> "
        "np.allclose(features, published, rtol=0.001)": "a tolerance as good",
        "matching_scaling: np.abs(published).max() -> np.abs(published).min()": "a tolerance as good",
        "matching_scaling: np.abs(published) -> published": "a tolerance as good",
        "scaling_by_correlation: ((features - published) ** 2).sum() -> ((features - published) ** 2).mean()": (
            _SAME_NEAREST
        ),
        "scaling_by_correlation: ((features - published) ** 2).sum() -> ((features - published) ** 2).max()": (
            _SAME_NEAREST
        ),
        "scaling_with_tensors: backbone(tf.constant(SCALINGS[name](images)), training=False) -> "
        "backbone(tf.constant(SCALINGS[name](images)))": _INFERENCE,
    },
    "1.3": {
        "extract_in_a_loop: backbone(images, training=False) -> backbone(images)": _INFERENCE,
        "extract_into_tensors: backbone(x, training=False) -> backbone(x)": _INFERENCE,
        "extract_one_by_one: backbone(x[None], training=False) -> backbone(x[None])": _INFERENCE,
        "extract_into_tensors: 0 -> -1": _AXIS_FROM_THE_END,
        "extract_into_tensors: 0 -> -1 #2": _AXIS_FROM_THE_END,
        "extract_one_by_one: 0 -> -1": _ONE_ROW,
    },
    "1.4": {
        "split_in_memory: 1000 -> 1001": _BUFFER,
        "split_in_memory: 1000 -> 999": _BUFFER,
        "split_stratified: train_test_split(pairs, test_size=num_val, stratify=[label for _, label in pairs], random_ "
        "-> "
        "train_test_split(pairs, test_size=num_val, random_state=0)": "a random split holds every class as well",
        "split_stratified: train_test_split(pairs, test_size=num_val, stratify=[label for _, label in pairs], random_ "
        "-> "
        "train_test_split(pairs, test_size=num_val, stratify=[label for _, label in pairs])": "drawn once all the same",
    },
    "1.5": {
        "verdict_by_interval: interval.low > 0 -> interval.low >= 0": _NO_TIE,
        "verdict_by_interval: interval.high < 0 -> interval.high <= 0": _NO_TIE,
        "verdict_by_t_test: test.pvalue >= 0.05 -> test.pvalue > 0.05": _NO_TIE,
        "verdict_by_t_test: test.statistic > 0 -> test.statistic >= 0": _NO_TIE,
        "verdict_by_t_test: 0 -> 1": _INDEX,
        "verdict_by_t_test: 0 -> -1": _INDEX,
        "verdict_by_scipys_interval: interval.low > 0 -> interval.low >= 0": _NO_TIE,
        "verdict_by_scipys_interval: interval.high < 0 -> interval.high <= 0": _NO_TIE,
        "verdict_by_scipys_interval: 0 -> 1 #2": "the value of the hypothesis is not in the interval",
        "verdict_by_scipys_interval: 0 -> -1 #2": "the value of the hypothesis is not in the interval",
    },
    "1.6": {
        "first_level_in_a_loop: np.mean(without - with_transfer) -> np.sum(without - with_transfer)": _SAME_SUM,
        "first_level_as_a_scalar: np.mean(scratch - transfer, axis=1) -> np.sum(scratch - transfer, axis=1)": _SAME_SUM,
    },
    "1.7": {
        "report_from_counts: 1 -> 2 #3": "in F1: where both counts together are 1, none is right, and 0 / 2 is 0, too",
        "report_from_the_matrix: np.errstate(all='ignore') -> np.errstate()": _WARNINGS,
        "report_of_scikit_learn: precision_recall_fscore_support(y_true, y_pred, labels=range(num_classes), "
        "zero_division=0 -> precision_recall_fscore_support(y_true, y_pred, labels=range(num_classes))": _WARNINGS,
    },
    "2.2": _ACTS,
    "2.3": _ACTS,
    "2.4": {
        "augment_after_batching: augment(x, training=True) -> augment(x)": _BY_DEFAULT,
        "augment_after_the_cache: augment(x, training=True) -> augment(x)": _BY_DEFAULT,
        "augment_in_parallel: augment(x, training=True) -> augment(x)": _BY_DEFAULT,
        "augment_by_numbers: augment(tf.gather(images, row), training=True) -> augment(tf.gather(images, row))": (
            _BY_DEFAULT
        ),
        "augment_by_numbers: images, labels = (tf.constant(images), tf.constant(labels)) -> pass": "arrays do as well",
        "augment_after_the_cache: pairs_of(images, labels).cache().shuffle(len(images), "
        "reshuffle_each_iteration=True) -> pairs_of(images, labels).cache().shuffle(len(images))": "it is the default",
        "augment_after_the_cache: 2 -> 3": _AHEAD,
        "augment_after_the_cache: 2 -> 1": _AHEAD,
        "augment_in_parallel: 10 -> 11": _LARGE_BUFFER,
        "augment_in_parallel: 10 -> 9": _LARGE_BUFFER,
    },
    "2.7": _ACTS,
    "2.9": {
        "stop_in_a_loop: best = waited = 0 -> pass": _FIRST_EPOCH,
        "stop_in_a_loop: 0 -> 1": _FIRST_EPOCH,
        "stop_in_a_loop: 0 -> -1": _FIRST_EPOCH,
        "stop_by_argmin: 1 -> 2": "nobody stops after the first epoch, which is the best so far",
        "stop_by_argmin: 1 -> 0 #2": "after the last epoch, the line below the loop says the same",
        "stop_in_an_array: lows[-1] + 1 -> lows[-1] - 1": _NOT_REACHED,
        "stop_in_an_array: 1 -> 2": _NOT_REACHED,
        "stop_in_an_array: 1 -> 0": _NOT_REACHED,
        "stop_in_an_array: -1 -> 1": _NOT_REACHED,
        "stop_in_an_array: 1 -> 2 #5": _NOT_REACHED,
        "stop_in_an_array: 1 -> 0 #5": _NOT_REACHED,
    },
    "2.10": {
        "depth_step_by_step: paired_interval(scores[name], scores[chosen]).low > 0 -> "
        "paired_interval(scores[name], scores[chosen]).low >= 0": _NO_TIE,
        "depth_by_t_test: 1 -> 0": "the first depth is compared with itself, too, and does not win",
        "depth_by_t_test: test.pvalue < 0.05 -> test.pvalue <= 0.05": _NO_TIE,
        "depth_by_t_test: test.statistic > 0 -> test.statistic >= 0": _NO_TIE,
        "depth_by_t_test: 0 -> 1 #2": _INDEX,
        "depth_by_t_test: 0 -> -1 #2": _INDEX,
    },
    "3.1": {
        "gain_by_t_test: 0 -> 1": "the value of the hypothesis is not in the interval",
        "gain_by_t_test: 0 -> -1": "the value of the hypothesis is not in the interval",
    },
    "3.2": {
        "mark_by_t_test: stats.ttest_1samp(gains, 0, axis=2).pvalue < 0.05 -> "
        "stats.ttest_1samp(gains, 0, axis=2).pvalue <= 0.05": _NO_TIE,
        "mark_by_t_test: gains.mean(axis=2) -> gains.sum(axis=2)": _SAME_SUM,
        "mark_cell_by_cell: cell.low > 0 -> cell.low >= 0": _NO_TIE,
        "mark_cell_by_cell: cell.high < 0 -> cell.high <= 0": _NO_TIE,
        "mark_by_ends: means - half > 0 -> means - half >= 0": _NO_TIE,
        "mark_by_ends: means + half < 0 -> means + half <= 0": _NO_TIE,
        **{
            f"mark_as_floats: {test} < 0.025 -> {test} <= 0.025": _NO_TIE
            for test in (
                "stats.ttest_1samp(gains, 0, axis=2, alternative='greater').pvalue",
                "stats.ttest_1samp(gains, 0, axis=2, alternative='less').pvalue",
            )
        },
    },
    "3.3": {
        "lies_by_combinations: np.mean(g) -> np.sum(g)": _SAME_SUM,
        "lies_by_combinations: np.mean(gains) -> np.sum(gains)": _SAME_SUM,
        "lies_by_bits: gains[mask].mean() -> gains[mask].sum()": _SAME_SUM,
        "lies_by_bits: np.array(means) * gains.mean() -> np.array(means) / gains.mean()": "it has the same sign",
        "lies_by_bits: gains.mean() -> gains.sum()": _SAME_SUM,
        "lies_as_a_fraction: np.mean(gains) -> np.sum(gains)": _SAME_SUM,
        "lies_as_a_fraction: np.mean(group) -> np.sum(group)": _SAME_SUM,
        "lies_by_indices: gains = np.asarray(gains) -> pass": "the gains come as an array",
        "lies_by_indices: groups.mean(axis=1) -> groups.sum(axis=1)": _SAME_SUM,
        "lies_by_indices: gains.mean() -> gains.sum()": _SAME_SUM,
    },
    "3.4": {
        "unfair_as_an_array: sorted(unfair_one_by_one(report)) -> unfair_one_by_one(report)": "they come in any order",
    },
    "3.5": {
        "turns_on_a_line: np.mean(gains, axis=1) -> np.sum(gains, axis=1)": _CROSSES,
        "turns_by_interp: np.mean(gains, axis=1) -> np.sum(gains, axis=1)": _CROSSES,
        "turns_in_an_array: np.asarray(gains).mean(axis=1) -> np.asarray(gains).sum(axis=1)": _CROSSES,
    },
    "3.6": {
        "distance_by_shuffled_folds: rng.choice(len(table), size, replace=False) -> rng.choice(len(table), size)": (
            "copies of rows in several folds: less than the tolerance that so few images need"
        ),
    },
    "4.1": {"median_by_statistics: sorted(list(seconds)[num_warmup:]) -> list(seconds)[num_warmup:]": _SORTS_ITSELF},
    "4.2": {
        "cache_then_shuffle: 1000 -> 1001": _LARGE_BUFFER,
        "cache_then_shuffle: 1000 -> 999": _LARGE_BUFFER,
        "cache_and_augment_one_by_one: 10000 -> 10001": _LARGE_BUFFER,
        "cache_and_augment_one_by_one: 10000 -> 9999": _LARGE_BUFFER,
        "cache_and_augment_one_by_one: dataset.cache().shuffle(10000, reshuffle_each_iteration=True) -> "
        "dataset.cache().shuffle(10000)": "it is the default",
        "cache_and_augment_one_by_one: 0 -> -1": _ONE_ROW,
    },
    "4.3": {"images_that_fit: budget // 4 -> budget / 4": "rounded down one step later"},
    "4.6": {
        "sum_in_a_loop: np.zeros_like(part, dtype=float) -> np.zeros_like(part)": "the gradients are float64 already",
        "sum_in_a_loop: 0 -> -1": "every device has weights of the same shapes",
    },
    "4.8": {"both_bills_as_a_fraction: once, each = (Fraction(once), Fraction(each)) -> pass": "floats do as well"},
    "5.1": {
        "leep_with_one_hot: (probabilities @ conditional.T * hot).sum(axis=1) -> "
        "(probabilities @ conditional.T * hot).max(axis=1)": "a row has one number that is not 0",
        "leep_in_loops: column.sum() -> column.mean()": _ONLY_ABOVE_0,
        "leep_in_loops: column.sum() -> column.max()": _ONLY_ABOVE_0,
        "leep_with_tensors: 1 -> 2": "a column of zeros more in the one-hot table",
        "leep_in_a_dictionary: set(labels.tolist()) -> labels.tolist()": "a dictionary has each label once by itself",
    },
    "5.2": {
        "h_by_the_formula: np.linalg.pinv(shrunk, rcond=1e-10) -> np.linalg.pinv(shrunk)": "a tolerance as good",
        "h_with_numpys_cov: values > 1e-09 * values.max() -> values >= 1e-09 * values.max()": "a tolerance as good",
        "h_with_numpys_cov: 1e-09 * values.max() -> 1e-09 / values.max()": "a tolerance as good",
        "h_with_numpys_cov: values.max() -> values.min()": "the axes that are left out hold nothing",
    },
    "5.3": {
        "folds_image_by_image: 0 -> -1 #2": _ONE_ROW,
        "folds_image_by_image: 1 -> 2": "the next image is classified, too, and not looked at",
    },
    "5.4": {
        "foretold_in_a_loop: mean_interval(taus, percent=False) -> mean_interval(taus)": "only how it would print",
        "foretold_in_a_loop: False -> True": "only how it would print",
        "foretold_in_a_loop: np.delete(truths, draw, axis=0).mean(axis=0) -> "
        "np.delete(truths, draw, axis=0).sum(axis=0)": _SAME_SUM,
        "foretold_from_scratch: (truths.sum(0) - t) / (len(truths) - 1) -> "
        "(truths.sum(0) - t) * (len(truths) - 1)": _SAME_SUM,
        "foretold_by_scipy: (truths.sum(axis=0) - truths) / (len(truths) - 1) -> "
        "(truths.sum(axis=0) - truths) * (len(truths) - 1)": _SAME_SUM,
        **{
            f"{name}: {change}": _SAME_SUM
            for name, change in (
                ("foretold_from_scratch", "len(truths) - 1 -> len(truths) + 1"),
                ("foretold_from_scratch", "1 -> 2 #3"),
                ("foretold_from_scratch", "1 -> 0 #3"),
                ("foretold_by_scipy", "len(truths) - 1 -> len(truths) + 1"),
                ("foretold_by_scipy", "1 -> 2"),
                ("foretold_by_scipy", "1 -> 0"),
            )
        },
    },
    "5.5": {"distance_of_shares: np.mean(errors) -> np.median(errors)": "there are two domains"},
    "5.7": {"front_by_sorting: 1.0 -> 1.1": "every accuracy is above -1"},
    "5.8": {
        "setting_by_sums: labels[part['domain']] += part['labels'] -> labels[part['domain']] -= part['labels']": (
            "only whether the sum is 0 is asked"
        ),
        "setting_by_match: 1 -> 2": "the set takes it once",
    },
    "7.2": {
        "named_by_means: ((queries[:, None] - prototypes[None]) ** 2).sum(axis=2) -> "
        "((queries[:, None] - prototypes[None]) ** 2).mean(axis=2)": _SAME_NEAREST,
        "named_in_loops: set(support_labels.tolist()) -> support_labels.tolist()": _TWICE,
    },
    "7.3": {
        "interval_of_a_test: 0 -> 1": "the value of the hypothesis is not in the interval",
        "interval_of_a_test: 0 -> -1": "the value of the hypothesis is not in the interval",
    },
    "7.4": {"proto_with_keras: 1 -> 2": "NumPy takes any negative size for the one to be found"},
    "7.6": {
        "triplets_with_tensors: 1 -> 2": "the same value is repeated along another axis",
        "triplets_with_tensors: 1.0 -> 1.1": "below all squared distances, as it was",
        "triplets_with_tensors: 1 -> 0 #2": "the distances are symmetric",
    },
    "7.7": {
        "threshold_by_sorting: np.argsort(distances, kind='stable') -> np.argsort(distances)": _TWICE,
        "threshold_by_sorting: gap < least -> gap <= least": "another threshold at which the shares are as close",
        "threshold_by_sorting: 1 -> 2 #2": "it changes the largest distance only, at which nothing is rejected",
    },
    "7.8": {
        "unseen_by_a_mask: fresh[each['support']].all() and fresh[each['queries']].all() -> "
        "fresh[each['support']].all() or fresh[each['queries']].all()": _SAME_CLASSES,
        "unseen_by_a_mask: fresh[each['support']].all() -> fresh[each['support']].any()": _SAME_CLASSES,
        "unseen_by_a_mask: fresh[each['queries']].all() -> fresh[each['queries']].any()": _SAME_CLASSES,
        "unseen_by_taking_away: set(labels[trained].tolist()) -> labels[trained].tolist()": _TWICE,
        "unseen_by_taking_away: name in labels[episodes[place]['support']] or name in "
        "labels[episodes[place]['queries']] -> name in labels[episodes[place]['support']] and name in "
        "labels[episodes[place]['queries']]": _SAME_CLASSES,
    },
    "14.5": {"verdict_by_hand: 1 -> 0 #6": "what is left there is 1 or more, or below -1"},
    "8.1": {
        "reached_by_sources: any((part is not None for part in parts)) -> all((part is not None for part in parts))": (
            "a loss reaches all weights of a layer, or none"
        ),
        "reached_by_wiggling: weight + 0.37 -> weight - 0.37": _ANOTHER_MOVE,
        "reached_by_wiggling: np.allclose(logits.numpy(), before[task], atol=1e-06) -> "
        "np.allclose(logits.numpy(), before[task])": _ANOTHER_MOVE,
        "reached_by_wiggling: 0.37 -> 0.40700000000000003": _ANOTHER_MOVE,
    },
    "8.3": {
        "verdicts_by_a_test: test.pvalue < 0.05 -> test.pvalue <= 0.05": _NO_TIE,
        "verdicts_by_a_test: test.statistic > 0 -> test.statistic >= 0": _INDEX,
        "verdicts_by_a_test: 0 -> 1": _INDEX,
        "verdicts_by_a_test: 0 -> -1": _INDEX,
        "verdicts_of_scipy: 0 -> 1": "the value of the hypothesis is not in the interval",
        "verdicts_of_scipy: 0 -> -1": "the value of the hypothesis is not in the interval",
    },
    "8.4": {
        "stitch_in_loops: 0 -> 1": "all trunks have one shape",
        "stitch_in_loops: 0 -> -1": "all trunks have one shape",
    },
    "8.5": {"cosine_with_keras: 0 -> -1": _AXIS_FROM_THE_END},
    "8.7": {
        "weights_by_a_root: 30 -> 31": _BRACKET,
        "weights_by_a_root: 30 -> 29": _BRACKET,
        "weights_by_a_root: 30 -> 31 #2": _BRACKET,
        "weights_by_a_root: 30 -> 29 #2": _BRACKET,
    },
    "12.4": dict.fromkeys(
        (
            "keep_with_classes_apart: boxes + 1000.0 * classes[:, None] -> boxes - 1000.0 * classes[:, None]",
            "keep_with_classes_apart: 1000.0 -> 1100.0",
        ),
        "classes lie as far apart",
    ),
    "12.6": {
        "ap_by_masks: recall >= level - 1e-12 -> recall > level - 1e-12": _TOLERANCE,
        "ap_in_float32: recall[None] >= np.linspace(0, 1, 101)[:, None] - 1e-09 -> "
        "recall[None] > np.linspace(0, 1, 101)[:, None] - 1e-09": _TOLERANCE,
    },
    "13.3": {
        "shrunk_with_more_rows: np.linalg.lstsq(rows, np.append(sales, root * towards), rcond=None) -> "
        "np.linalg.lstsq(rows, np.append(sales, root * towards))": "the default",
    },
    "13.4": {
        "over_shops_by_a_test: 0 -> 1": "the value of the hypothesis is not in the interval",
        "over_shops_by_a_test: 0 -> -1": "the value of the hypothesis is not in the interval",
    },
    "13.5": {"allowed_by_weeks: own <= past -> own < past": "no window holds all weeks before the origin"},
    "13.6": {"pinball_in_a_loop: sold > forecast -> sold >= forecast": "a forecast that is right costs nothing"},
    "13.7": {
        "half_by_rank: 9 -> 10": "digits beyond those that decide",
        "half_by_rank: 9 -> 8": "digits beyond those that decide",
        "half_by_partition: 9 -> 10": "digits beyond those that decide",
        "half_by_partition: 9 -> 8": "digits beyond those that decide",
        "half_by_partition: 1 -> 2 #2": "NumPy leaves the place beside the pivot sorted, too, in arrays that are small",
        "half_by_counting: np.mean(sizes <= size) >= share - 1e-09 -> np.mean(sizes <= size) > share - 1e-09": (
            _TOLERANCE
        ),
    },
    "15.1": {
        "shift_by_rolling: np.roll(np.where(letters == 1, 0, letters), 1, axis=1) -> "
        "np.roll(np.where(letters == 1, 0, letters), 1)": "what comes in from the row before is replaced by `begin`",
    },
    "15.2": {
        "loss_of_scipy: np.take_along_axis(log_softmax(scores, axis=-1), letters[..., None], axis=-1) -> "
        "np.take_along_axis(log_softmax(scores, axis=-1), letters[..., None])": "the default",
        "loss_of_scipy: 0 -> -1": "that axis has one place",
        "loss_of_rows: 1 -> 2": "NumPy takes any negative length for the one that follows from the others",
    },
    "15.5": {
        "attention_of_scipy: 1000000000.0 -> 1100000000.0": "any number so low will do",
        "attention_with_keras: 1000000000.0 -> 1100000000.0": "any number so low will do",
        "attention_with_keras: keras.ops.softmax(keras.ops.where(letters[None] != 0, scores, -1000000000.0), axis=-1) "
        "-> keras.ops.softmax(keras.ops.where(letters[None] != 0, scores, -1000000000.0))": "the default",
        "attention_with_keras: -1 -> 1": "the last of two axes",
    },
    "15.6": {
        "epochs_by_counting: 0 -> 1": "at least one epoch is always needed",
        "epochs_by_counting: 0 -> -1": "the loop counts on from there",
    },
    "6.1": {
        "kind_by_ratios: np.ptp(ratio, axis=1).max() < 1e-08 -> np.ptp(ratio, axis=1).max() <= 1e-08": _TOLERANCE,
        "kind_by_ratios: np.ptp(ratio, axis=0).max() < 1e-08 -> np.ptp(ratio, axis=0).max() <= 1e-08": _TOLERANCE,
        "kind_by_ratios: np.abs(source.sum(1) - target.sum(1)).max() > 1e-08 -> "
        "np.abs(source.sum(1) - target.sum(1)).max() >= 1e-08": _TOLERANCE,
        "kind_by_ratios: np.abs(source.sum(1) - target.sum(1)) -> source.sum(1) - target.sum(1)": _SUM_OF_0,
        "kind_in_loops: abs(x - y) < 1e-07 -> abs(x - y) <= 1e-07": _TOLERANCE,
        "kind_in_loops: abs(sum(a) - sum(b)) < 1e-07 -> abs(sum(a) - sum(b)) <= 1e-07": _TOLERANCE,
        "kind_in_loops: abs(x - y) -> x - y": _SUM_OF_0,
        "kind_in_loops: sum(row) -> max(row)": "rows that are proportional are so in any unit",
        "kind_in_loops: abs(sum(a) - sum(b)) -> sum(a) - sum(b)": _SUM_OF_0,
        "kind_with_tensors: tf.reduce_sum(each, axis=0, keepdims=True) -> tf.reduce_sum(each, axis=0)": "broadcast",
        "kind_with_tensors: tf.abs(a - b) < 1e-07 -> tf.abs(a - b) <= 1e-07": _TOLERANCE,
        "kind_with_tensors: tf.abs(a - b) -> a - b": _SUM_OF_0,
        "kind_with_tensors: True -> False #2": "broadcast",
    },
    "6.2": {
        "coral_by_svd: np.linalg.svd(table - table.mean(0), full_matrices=False) -> "
        "np.linalg.svd(table - table.mean(0))": "only the rows' side of the decomposition grows, which is not read",
        "coral_by_svd: False -> True": "only the rows' side of the decomposition grows, which is not read",
    },
    "6.3": {
        "ink_one_by_one: far.max() > 1e-06 -> far.max() >= 1e-06": _TOLERANCE,
        "ink_with_tensors: tf.sort(flat, axis=1) -> tf.sort(flat)": _AXIS_FROM_THE_END,
        "ink_by_where: top > 0.001 -> top >= 0.001": _TOLERANCE,
        "ink_by_where: top > 0.001 -> top >= 0.001 #2": _TOLERANCE,
        "ink_by_where: 1 -> 0": _WARNINGS,
        "ink_by_where: 1 -> 2": "the other axis of a table of one value an image",
        "ink_by_where: 1 -> 2 #4": "divides a page of zeros",
    },
    "6.5": {
        "ceiling_by_counts: 1 -> 2": "one more class that nobody has",
        "ceiling_with_tensors: 1 -> 2": "one more class that nobody has",
    },
    "6.6": {
        "back_by_probe: linear_probe(target, guesses, strength=0.05) -> linear_probe(target, guesses)": _CLEAR,
        "back_by_probe: 0 -> 1": "all guesses are one class there",
        "back_by_probe: 0 -> -1": "all guesses are one class there",
        "back_by_probe: 0.05 -> 0.05500000000000001": _CLEAR,
        "back_by_centroids: target[guesses == name].mean(axis=0) -> target[guesses == name].max(axis=0)": _CLEAR,
        "back_by_centroids: ((source[:, None] - centres) ** 2).sum(axis=2) -> "
        "((source[:, None] - centres) ** 2).mean(axis=2)": _SAME_NEAREST,
        "back_by_centroids: ((source[:, None] - centres) ** 2).sum(axis=2) -> "
        "((source[:, None] - centres) ** 2).max(axis=2)": _SAME_NEAREST,
        "back_by_least_squares: np.linalg.lstsq(table, np.eye(len(names))[codes], rcond=None) -> "
        "np.linalg.lstsq(table, np.eye(len(names))[codes])": "the default",
        "back_by_least_squares: 1 -> 2": "two columns of ones, or none, tell these clusters apart as well",
        "back_by_least_squares: 1 -> 0": "two columns of ones, or none, tell these clusters apart as well",
    },
    "6.7": {
        "gain_by_take_along_axis: 0 -> -1": "there is one row",
        "gain_with_tensors: tf.argmax(criterion, axis=0) -> tf.argmax(criterion)": "the default",
    },
    "6.8": {
        f"walk_with_a_kernel: {change}": "another kernel or penalty: as good a classifier"
        for change in (
            "SVC(C=1, gamma=0.05) -> SVC(gamma=0.05)",
            "SVC(C=1, gamma=0.05) -> SVC(C=1)",
            "SVC(C=1, gamma=0.05) -> SVC(gamma=0.05) #2",
            "SVC(C=1, gamma=0.05) -> SVC(C=1) #2",
            "1 -> 2",
            "1 -> 2 #2",
            "1 -> 2 #3",
            "0.05 -> 0.05500000000000001",
            "0.05 -> 0.05500000000000001 #2",
        )
    },
    "10.1": {
        "cut_by_recursion: 1 -> 0": _NO_EMPTY_PIECE,
        "cut_by_recursion: 1 -> 2 #2": "a part that ends beyond the word is the same part",
        "cut_by_next: 0 -> -1": _NO_EMPTY_PIECE,
    },
    "10.3": {
        "tfidf_in_loops: 1.0 -> 1.1": "zeros stay zeros, whatever divides them",
        "tfidf_in_loops: 0 -> 1 #2": "all texts count the same words",
        "tfidf_in_loops: 0 -> -1 #2": "all texts count the same words",
    },
    "10.4": {
        "masked_by_logsumexp: np.take_along_axis(logits, tokens[..., None], axis=-1) -> "
        "np.take_along_axis(logits, tokens[..., None])": _LAST_AXIS,
        "masked_by_logsumexp: 0 -> -1": _ONE_COLUMN,
    },
    "10.5": {
        "contrast_by_scikit_learn: 1 -> 0": "both directions are asked, in another order",
        "contrast_by_keras: keras.ops.normalize(one, axis=1) -> keras.ops.normalize(one)": _LAST_AXIS,
        "contrast_by_keras: keras.ops.normalize(other, axis=1) -> keras.ops.normalize(other)": _LAST_AXIS,
        "contrast_in_loops: 1 -> 2": _SAME_SOFTMAX,
        "contrast_in_loops: 1 -> 0": _SAME_SOFTMAX,
    },
    "10.6": {"neighbours_by_distance: 0 -> -1": _ONE_COLUMN},
    "10.7": {
        "pays_by_the_kit: each.low > 0 -> each.low >= 0": _NO_TIE,
        "pays_by_the_kit: each.high < 0 -> each.high <= 0": _NO_TIE,
        "pays_by_a_test: test.pvalue >= 0.05 -> test.pvalue > 0.05": _NO_TIE,
        "pays_by_a_test: test.statistic > 0 -> test.statistic >= 0": _INDEX,
        "pays_by_a_test: 0 -> 1": _INDEX,
        "pays_by_a_test: 0 -> -1": _INDEX,
        "pays_by_hand: abs(np.mean(gains)) > half -> abs(np.mean(gains)) >= half": _NO_TIE,
        "pays_by_hand: np.mean(gains) -> np.median(gains)": "far from 0, the median has the sign of the mean",
        "pays_by_hand: np.mean(gains) -> np.sum(gains)": _CROSSES,
    },
    "10.8": {
        "merged_by_keras: keras.layers.Dense(kernel.shape[1], use_bias=False) -> keras.layers.Dense(kernel.shape[1])": (
            "only the kernel is returned"
        ),
        "merged_by_keras: False -> True": "only the kernel is returned",
    },
    "11.1": {
        "power_by_windows: np.fft.rfft(frames * _taper(window), axis=1) -> np.fft.rfft(frames * _taper(window))": (
            "the default"
        ),
    },
    "11.3": {
        "decibels_one_by_one: 10 * np.log10(value / loudest) if value > 0 else -span -> "
        "10 * np.log10(value / loudest)": _WARNINGS,
        "decibels_one_by_one: value > 0 -> value >= 0": _WARNINGS,
        "decibels_one_by_one: 0 -> -1": _WARNINGS,
        "decibels_with_keras: keras.ops.convert_to_tensor(10 * (exact - exact.max()), dtype='float64') -> "
        "keras.ops.convert_to_tensor(10 * (exact - exact.max()))": _TOLERANCE,
        "decibels_with_keras: np.errstate(divide='ignore') -> np.errstate()": _WARNINGS,
        "decibels_with_keras: 0 -> 1": "the largest is 0 anyway",
    },
    "11.4": {
        "apart_with_pythons_random: sorted(pools) -> pools": "the words in another order, and seeded all the same"
    },
    "11.5": {"cepstra_with_tensors: 0 -> -1": "there is one axis"},
    "11.6": {"masked_by_the_kit: 0 -> -1": "there is one picture"},
    "11.7": {
        "clips_by_means: log_probabilities[clips == clip].mean(axis=0) -> "
        "log_probabilities[clips == clip].sum(axis=0)": "a factor for each clip, which moves no maximum",
        "clips_by_sorting: np.argsort(clips, kind='stable') -> np.argsort(clips)": "a sum in another order",
        "clips_by_sorting: np.add.reduceat(log_probabilities[order], starts, axis=0) -> "
        "np.add.reduceat(log_probabilities[order], starts)": "the default",
    },
    "11.8": {
        "gap_by_counting: 0 -> 1": "each speaker has several clips",
        "gap_by_weights: 1 -> 2": "weights count up to a factor",
    },
    "9.1": {
        f"{name}: {change}": _SAME_IMAGES
        for name in ("vote_in_loops", "vote_by_dictionaries")
        for change in ("0 -> 1", "0 -> -1")
    },
    "9.3": {"out_of_fold_by_rows: 0 -> -1": _ONE_ROW},
    "9.5": {
        "soup_by_sums: np.argsort([-score(each) for each in members], kind='stable') -> "
        "np.argsort([-score(each) for each in members])": "copies are alike, in whatever order they come",
        **{f"soup_of_flat_vectors: 0 -> {to} #{place}": _SAME_SHAPES for to in ("1", "-1") for place in (2, 4)},
    },
    "9.6": dict.fromkeys(
        (
            "temperature_by_trying: np.log(20) -> 20",
            "temperature_by_trying: 600 -> 601",
            "temperature_by_trying: 600 -> 599",
            "temperature_by_trying: 0.05 -> 0.05500000000000001",
            "temperature_by_trying: 20 -> 21",
            "temperature_by_trying: 20 -> 19",
            "temperature_by_trying: log_softmax(logits / t, axis=1)[rows, labels].mean() -> "
            "log_softmax(logits / t, axis=1)[rows, labels].sum()",
            "temperature_in_thirds: 4.5 -> 4.95",
            "temperature_in_thirds: 30 -> 31",
            "temperature_in_thirds: 30 -> 29",
            "temperature_in_thirds: 4.5 -> 4.95 #2",
            "temperature_in_thirds: cost(first) < cost(second) -> cost(first) <= cost(second)",
            "temperature_in_thirds: 3 -> 4",
            "temperature_in_thirds: 3 -> 2",
            "temperature_in_thirds: 3 -> 4 #2",
            "temperature_in_thirds: 3 -> 2 #2",
            "temperature_by_scipy: minimize_scalar(cost, bounds=ends, method='bounded') -> "
            "minimize_scalar(cost, bounds=ends)",
            "temperature_by_scipy: log_loss(labels, softmax(logits / np.exp(power), axis=1), labels=names) -> "
            "log_loss(labels, softmax(logits / np.exp(power), axis=1))",
            "temperature_by_scipy: math.log(20) -> 20",
            "temperature_by_scipy: 0.05 -> 0.05500000000000001",
            "temperature_by_scipy: 20 -> 21",
            "temperature_by_scipy: 20 -> 19",
            "temperature_by_gradient: logits = logits - logits.max(axis=1, keepdims=True) -> pass",
            "temperature_by_gradient: logits - logits.max(axis=1, keepdims=True) -> logits + "
            "logits.max(axis=1, keepdims=True)",
            "temperature_by_gradient: inverse = min(inverse, 40.0) -> pass",
            "temperature_by_gradient: 1.0 -> 1.1",
            "temperature_by_gradient: logits.max(axis=1, keepdims=True) -> logits.max(keepdims=True)",
            "temperature_by_gradient: logits.max(axis=1, keepdims=True) -> logits.min(axis=1, keepdims=True)",
            "temperature_by_gradient: 60 -> 61",
            "temperature_by_gradient: 60 -> 59",
            "temperature_by_gradient: ((chances * logits ** 2).sum(axis=1) - mean ** 2).mean() -> ((chances "
            "* logits ** 2).sum(axis=1) - mean ** 2).max()",
            "temperature_by_gradient: 40.0 -> 44.0",
            "temperature_by_gradient: (chances * logits ** 2).sum(axis=1) - mean ** 2 -> (chances * logits "
            "** 2).sum(axis=1) + mean ** 2",
            "temperature_by_gradient: 2 -> 3",
            "temperature_by_gradient: mean ** 2 -> mean * 2",
            "temperature_by_gradient: 2 -> 3 #2",
            "temperature_by_gradient: 2 -> 1 #2",
        ),
        "another search that ends within 2 % of the same minimum",
    ),
    "9.7": {
        "team_by_trying: np.mean(chances[list(team)].mean(axis=0).argmax(axis=1) == labels) -> "
        "np.sum(chances[list(team)].mean(axis=0).argmax(axis=1) == labels)": _SAME_SUM,
        "team_by_trying: chances[list(team)].mean(axis=0) -> chances[list(team)].sum(axis=0)": _SAME_SUM,
        "team_by_bits: chances[team].sum(axis=0) -> chances[team].mean(axis=0)": _SAME_SUM,
        "team_of_the_kit: chances = chances / chances.sum(axis=2, keepdims=True) -> pass": _TO_ROUNDING,
        "team_of_the_kit: chances / chances.sum(axis=2, keepdims=True) -> "
        "chances * chances.sum(axis=2, keepdims=True)": _TO_ROUNDING,
        "team_by_bits: 1 -> 0": "the team of nobody is seldom the best",
        "team_by_bits: -1 -> 1": "below the accuracy of most teams",
        "team_by_bits: 0 -> 1": "below the accuracy of any team",
        "team_by_bits: 0 -> -1": "below the accuracy of any team",
        "team_by_bits: 2 -> 3": _TWICE,
        "team_by_bits: (right, -price) > best -> (right, -price) >= best": "a team as accurate and as cheap",
        "team_by_bits: 1 -> 0 #2": "below the accuracy of any team",
        "team_by_bits: 1 -> 2 #2": "below the accuracy of any team",
        "team_by_sorting: set(sorted(ranked)[0][2]) -> sorted(ranked)[0][2]": "the order of members is not asked for",
    },
}
