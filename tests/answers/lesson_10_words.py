"""Right and wrong answers to the exercises of lesson 10: each wrong one stands for a misconception."""

import math

import keras
import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import log_loss
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize

from tlkit.checks.testing import Args
from tlkit.data.texts import WordPieces
from tlkit.measure import paired_interval
from tlkit.text import info_nce, masked_loss, mean_of_pieces, nearest, term_weights

# --- 10.1


def cut_by_ends(word, vocabulary):
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        for end in range(len(word), start, -1):
            if mark + word[start:end] in vocabulary:
                break
        else:
            return ["[UNK]"]
        found.append(mark + word[start:end])
        start = end
    return found


def cut_by_recursion(word, vocabulary, mark=""):
    if not word:
        return []
    fits = [size for size in range(1, len(word) + 1) if mark + word[:size] in vocabulary]
    if not fits:
        return ["[UNK]"]
    rest = cut_by_recursion(word[fits[-1] :], vocabulary, "##")
    return ["[UNK]"] if "[UNK]" in rest else [mark + word[: fits[-1]], *rest]


def cut_by_next(word, vocabulary):
    found, rest = [], word
    while rest:
        mark = "##" if found else ""
        piece = next((mark + rest[:k] for k in range(len(rest), 0, -1) if mark + rest[:k] in vocabulary), None)
        if piece is None:
            return ("[UNK]",)
        found.append(piece)
        rest = rest[len(piece) - len(mark) :]
    return tuple(found)


def cut_by_shrinking(word, vocabulary):
    found, end, start = [], len(word), 0
    while start < len(word):
        piece = ("" if start == 0 else "##") + word[start:end]
        if end == start:
            return np.array(["[UNK]"])
        if piece in vocabulary:
            found.append(piece)
            start, end = end, len(word)
        else:
            end -= 1
    return np.array(found)


def cut_of_the_kit(word, vocabulary):
    pieces = WordPieces(["[PAD]", "[UNK]", "[MASK]", *sorted(vocabulary)])
    return [pieces.vocabulary[number] for number in pieces([word], 40)[0] if number]


def cut_shortest(word, vocabulary):
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        ends = [end for end in range(start + 1, len(word) + 1) if mark + word[start:end] in vocabulary]
        if not ends:
            return ["[UNK]"]
        found.append(mark + word[start : ends[0]])
        start = ends[0]
    return found


def cut_without_marks(word, vocabulary):
    return [piece.removeprefix("##") for piece in cut_by_ends(word, vocabulary)]


def cut_unmarked_within(word, vocabulary):
    return cut_by_ends(word, vocabulary | {"##" + piece for piece in vocabulary if piece[0] != "#"})


def cut_partly(word, vocabulary):
    for end in range(len(word), 0, -1):
        found = cut_by_ends(word[:end], vocabulary)
        if found != ["[UNK]"]:
            return found if end == len(word) else [*found, "[UNK]"]
    return ["[UNK]"]


def cut_into_nothing(word, vocabulary):
    found = cut_by_ends(word, vocabulary)
    return [] if found == ["[UNK]"] else found


def cut_backwards(word, vocabulary):
    return cut_by_ends(word, vocabulary)[::-1]


def cut_with_second_thoughts(word, vocabulary, mark=""):
    for end in range(len(word), 0, -1):
        if mark + word[:end] in vocabulary:
            rest = cut_with_second_thoughts(word[end:], vocabulary, "##") if end < len(word) else []
            if rest != ["[UNK]"]:
                return [mark + word[:end], *rest]
    return ["[UNK]"]


def cut_as_a_number(word, vocabulary):
    return len(cut_by_ends(word, vocabulary))


# --- 10.2


def pool_by_mask(vectors, tokens):
    is_piece = (tokens != 0)[:, :, None]
    return (vectors * is_piece).sum(axis=1) / is_piece.sum(axis=1)


def pool_row_by_row(vectors, tokens):
    return [row[own != 0].mean(axis=0) for row, own in zip(vectors, tokens, strict=True)]


def pool_by_keras(vectors, tokens):
    return keras.layers.GlobalAveragePooling1D()(vectors.astype("float32"), mask=tokens > 0)


def pool_by_einsum(vectors, tokens):
    weights = (tokens > 0) / np.count_nonzero(tokens, axis=1, keepdims=True)
    return np.einsum("tl,tlw->tw", weights, vectors)


def pool_of_the_kit(vectors, tokens):
    return mean_of_pieces(vectors, tokens)


def pool_with_padding(vectors, tokens):
    return vectors.mean(axis=1)


def pool_by_length(vectors, tokens):
    return (vectors * (tokens != 0)[:, :, None]).sum(axis=1) / tokens.shape[1]


def pool_as_a_sum(vectors, tokens):
    return (vectors * (tokens != 0)[:, :, None]).sum(axis=1)


def pool_the_padding(vectors, tokens):
    own = (tokens == 0)[:, :, None]
    return (vectors * own).sum(axis=1) / np.maximum(own.sum(axis=1), 1)


def pool_the_first(vectors, tokens):
    return vectors[:, 0]


def pool_the_largest(vectors, tokens):
    return np.where((tokens != 0)[:, :, None], vectors, -np.inf).max(axis=1)


def pool_all_texts(vectors, tokens):
    return pool_by_mask(vectors, tokens).mean(axis=0)


PADDED = {"padding counts": [0.7, 0.8], "padding is left out": [1.0, 1.0]}

# --- 10.3


def tfidf_by_arrays(counts):
    weights = counts * (np.log((1 + len(counts)) / (1 + (counts > 0).sum(axis=0))) + 1)
    return weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)


def tfidf_of_scikit_learn(counts):
    return TfidfTransformer().fit_transform(counts).toarray()


def tfidf_in_loops(counts):
    texts = counts.tolist()
    having = [sum(text[word] > 0 for text in texts) for word in range(len(texts[0]))]
    found = [
        [n * (1 + math.log((1 + len(texts)) / (1 + k))) for n, k in zip(text, having, strict=True)] for text in texts
    ]
    lengths = [math.hypot(*row) or 1.0 for row in found]
    return [[value / length for value in row] for row, length in zip(found, lengths, strict=True)]


def tfidf_by_normalize(counts):
    rarity = 1 - np.log((1 + np.count_nonzero(counts, axis=0)) / (1 + counts.shape[0]))
    return normalize(counts @ np.diag(rarity)).astype("float32")


def tfidf_of_the_kit(counts):
    return term_weights(counts)


def tfidf_without_a_length(counts):
    return counts * (np.log((1 + len(counts)) / (1 + (counts > 0).sum(axis=0))) + 1)


def tfidf_without_rarity(counts):
    return normalize(counts.astype(float))


def tfidf_without_one(counts):
    return normalize(counts * np.log((1 + len(counts)) / (1 + (counts > 0).sum(axis=0))))


def tfidf_unsmoothed(counts):
    return normalize(counts * (np.log(len(counts) / np.maximum((counts > 0).sum(axis=0), 1)) + 1))


def tfidf_of_presence(counts):
    return TfidfTransformer().fit((counts > 0).astype(int)).transform((counts > 0).astype(int)).toarray()


def tfidf_of_occurrences(counts):
    return normalize(counts * (np.log((1 + len(counts)) / (1 + counts.sum(axis=0))) + 1))


def tfidf_by_sums(counts):
    return TfidfTransformer(norm="l1").fit_transform(counts).toarray()


def tfidf_by_words(counts):
    weights = tfidf_without_a_length(counts)
    return weights / np.maximum(np.linalg.norm(weights, axis=0), 1e-12)


HUNDRED = {"frozen glosses": [0.68, 0.69], "word counts": [0.74, 0.75]}

# --- 10.4


def masked_by_log_softmax(logits, tokens, chosen):
    rows = log_softmax(logits[chosen], axis=1)
    return -rows[np.arange(len(rows)), tokens[chosen]].mean()


def masked_by_logsumexp(logits, tokens, chosen):
    true = np.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
    return np.average(logsumexp(logits, axis=-1) - true, weights=chosen)


def masked_by_keras(logits, tokens, chosen):
    cost = keras.losses.sparse_categorical_crossentropy(tokens[chosen], logits[chosen], from_logits=True)
    return np.asarray(cost).mean()


def masked_place_by_place(logits, tokens, chosen):
    costs = []
    for text, place in zip(*np.nonzero(chosen), strict=True):
        row = logits[text, place] - logits[text, place].max()
        costs.append(math.log(sum(map(math.exp, row))) - row[tokens[text, place]])
    return np.float64(sum(costs) / len(costs))


def masked_of_the_kit(logits, tokens, chosen):
    return masked_loss(logits, tokens, chosen)


def masked_everywhere(logits, tokens, chosen):
    return masked_by_log_softmax(logits, tokens, np.ones_like(chosen))


def masked_over_all(logits, tokens, chosen):
    return masked_by_log_softmax(logits, tokens, chosen) * chosen.mean()


def masked_as_a_sum(logits, tokens, chosen):
    return masked_by_log_softmax(logits, tokens, chosen) * chosen.sum()


def masked_not_chosen(logits, tokens, chosen):
    return masked_by_log_softmax(logits, tokens, ~chosen) if not chosen.all() else 0.0


def masked_as_a_likelihood(logits, tokens, chosen):
    return -masked_by_log_softmax(logits, tokens, chosen)


def masked_of_logits(logits, tokens, chosen):
    return -np.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0][chosen].mean()


def masked_that_overflows(logits, tokens, chosen):
    with np.errstate(all="ignore"):
        chances = np.exp(logits[chosen]) / np.exp(logits[chosen]).sum(axis=1, keepdims=True)
        return -np.log(chances[np.arange(len(chances)), tokens[chosen]]).mean()


def masked_in_bits(logits, tokens, chosen):
    return masked_by_log_softmax(logits, tokens, chosen) / np.log(2)


# --- 10.5


def contrast_by_diagonals(one, other, scale):
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (one, other))
    scores = scale * a @ b.T
    return -(np.diag(log_softmax(scores, axis=1)).mean() + np.diag(log_softmax(scores, axis=0)).mean()) / 2


def contrast_by_scikit_learn(one, other, scale):
    scores = scale * cosine_similarity(one, other)
    places = np.arange(len(one))
    return sum(log_loss(places, softmax(each, axis=1)) for each in (scores, scores.T)) / 2


def contrast_by_keras(one, other, scale):
    a, b = keras.ops.normalize(one, axis=1), keras.ops.normalize(other, axis=1)
    scores = scale * keras.ops.matmul(a, keras.ops.transpose(b))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    own = np.arange(len(one))
    return (loss(own, scores) + loss(own, keras.ops.transpose(scores))) / 2


def contrast_in_loops(one, other, scale):
    scores = scale * (1 - cdist(one, other, "cosine"))
    costs = [np.log(np.exp(row - row[k]).sum()) for table in (scores, scores.T) for k, row in enumerate(table)]
    return float(np.mean(costs))


def contrast_of_the_kit(one, other, scale):
    return info_nce(one, other, scale=scale)


def contrast_one_way(one, other, scale):
    scores = scale * cosine_similarity(one, other)
    return -np.diag(log_softmax(scores, axis=1)).mean()


def contrast_other_way(one, other, scale):
    return contrast_one_way(other, one, scale)


def contrast_as_a_sum(one, other, scale):
    return 2 * contrast_by_diagonals(one, other, scale)


def contrast_of_products(one, other, scale):
    scores = scale * one @ other.T
    return -(np.diag(log_softmax(scores, axis=1)).mean() + np.diag(log_softmax(scores, axis=0)).mean()) / 2


def contrast_without_scale(one, other, scale):
    return contrast_by_diagonals(one, other, 1.0)


def contrast_by_temperature(one, other, scale):
    return contrast_by_diagonals(one, other, 1 / scale)


def contrast_without_others(one, other, scale):
    return (1 - np.diag(cosine_similarity(one, other))).mean()


def contrast_of_the_others_only(one, other, scale):
    scores = scale * cosine_similarity(one, other)
    own = np.diag(scores).copy()
    np.fill_diagonal(scores, -np.inf)
    return (logsumexp(scores, axis=1) - own).mean()


FOUND = {"random": [0.3], "glosses": [0.7]}

# --- 10.6


def neighbours_by_unit_vectors(vectors, row, number):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit[row]
    cosines[row] = -np.inf
    return np.argsort(-cosines)[:number]


def neighbours_by_distance(vectors, row, number):
    far = cdist(vectors[row][None], vectors, "cosine")[0]
    return sorted((each for each in range(len(vectors)) if each != row), key=far.__getitem__)[:number]


def neighbours_by_scikit_learn(vectors, row, number):
    order = np.argsort(cosine_similarity(vectors)[row])[::-1]
    return order[order != row][:number].astype("float32")


def neighbours_one_by_one(vectors, row, number):
    score = {k: float(v @ vectors[row]) / math.sqrt(float(v @ v)) for k, v in enumerate(vectors) if k != row}
    found = []
    for _ in range(number):
        best = max(score, key=score.get)
        found.append(best)
        del score[best]
    return tuple(found)


def neighbours_of_the_kit(vectors, row, number):
    return nearest(vectors, number=number)[0][row]


def neighbours_with_itself(vectors, row, number):
    cosines = cosine_similarity(vectors)[row]
    cosines[row] = 2.0
    return np.argsort(-cosines)[:number]


def neighbours_without_the_first(vectors, row, number):
    cosines = cosine_similarity(vectors)[row].round(9)
    others = [each for each in range(len(vectors)) if cosines[each] < 1]
    return sorted(others, key=lambda each: -cosines[each])[:number]


def neighbours_moved_up(vectors, row, number):
    return np.argsort(-np.delete(cosine_similarity(vectors)[row], row))[:number]


def neighbours_farthest_first(vectors, row, number):
    return neighbours_by_unit_vectors(vectors, row, number)[::-1]


def neighbours_far_away(vectors, row, number):
    return np.argsort(cosine_similarity(vectors)[row])[:number]


def neighbours_by_products(vectors, row, number):
    products = vectors @ vectors[row]
    products[row] = -np.inf
    return np.argsort(-products)[:number]


def neighbours_by_euclid(vectors, row, number):
    far = np.linalg.norm(vectors - vectors[row], axis=1)
    far[row] = np.inf
    return np.argsort(far)[:number]


def neighbours_by_size(vectors, row, number):
    cosines = abs(cosine_similarity(vectors)[row])
    cosines[row] = -1
    return np.argsort(-cosines)[:number]


def neighbours_with_a_zero_for_itself(vectors, row, number):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit[row]
    cosines[row] = 0
    return np.argsort(-cosines)[:number]


APART = {"topics unseen": [0.5], "word counts": [0.6]}

# --- 10.7


def pays_by_the_kit(mine, theirs):
    found = {k: paired_interval(mine[k], theirs[k]) for k in mine}
    return {k: "pays" if each.low > 0 else "hurts" if each.high < 0 else "undecided" for k, each in found.items()}


def pays_by_verdict(mine, theirs):
    words = {"positive": "pays", "negative": "hurts", "undecided": "undecided"}
    return {k: words[paired_interval(mine[k], theirs[k]).verdict] for k in mine}


def pays_by_a_test(mine, theirs):
    found = {}
    for k in theirs:
        test = stats.ttest_rel(mine[k], theirs[k])
        found[k] = "undecided" if test.pvalue >= 0.05 else ("pays" if test.statistic > 0 else "hurts")
    return found


def pays_by_hand(mine, theirs):
    def word(gains):
        half = stats.t.ppf(0.975, len(gains) - 1) * np.std(gains, ddof=1) / math.sqrt(len(gains))
        return np.array(["undecided", "pays", "hurts"])[int(np.sign(np.mean(gains))) * (abs(np.mean(gains)) > half)]

    return {k: word(np.subtract(mine[k], theirs[k])) for k in mine}


def pays_by_means(mine, theirs):
    return {k: "pays" if np.mean(mine[k]) > np.mean(theirs[k]) else "hurts" for k in mine}


def pays_turned_round(mine, theirs):
    return pays_by_the_kit(theirs, mine)


def pays_unpaired(mine, theirs):
    found = {k: stats.ttest_ind(mine[k], theirs[k]) for k in mine}
    return {
        k: "undecided" if each.pvalue > 0.05 else "pays" if each.statistic > 0 else "hurts" for k, each in found.items()
    }


def _by_half(mine, theirs, half):
    found = {}
    for k in mine:
        gains = np.subtract(mine[k], theirs[k])
        width = half(gains)
        found[k] = "pays" if gains.mean() > width else "hurts" if gains.mean() < -width else "undecided"
    return found


def pays_by_a_bell(mine, theirs):
    return _by_half(mine, theirs, lambda gains: 1.96 * gains.std(ddof=1) / np.sqrt(len(gains)))


def pays_for_one_draw(mine, theirs):
    return _by_half(mine, theirs, lambda gains: stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1))


def pays_by_wins(mine, theirs):
    return _by_half(mine, theirs, lambda gains: 0 if len(set(np.sign(gains))) == 1 else np.inf)


def pays_in_the_order_of_rows(mine, theirs):
    return pays_by_the_kit(mine, dict(zip(mine, theirs.values(), strict=True)))


def pays_as_yes(mine, theirs):
    return {k: word == "pays" for k, word in pays_by_the_kit(mine, theirs).items()}


def pays_as_a_list(mine, theirs):
    return list(pays_by_the_kit(mine, theirs).values())


BY_BUDGET = {5: [0.1, 0.12], 20: [0.05, 0.06], 100: [0.01, -0.01]}

# --- 10.8


def merged_by_matrices(kernel, a, b, alpha):
    return kernel + alpha / a.shape[1] * (a @ b)


def merged_by_einsum(kernel, a, b, alpha):
    return np.einsum("ir,ro->io", a, b) * (alpha / len(b)) + kernel


def merged_by_keras(kernel, a, b, alpha):
    layer = keras.layers.Dense(kernel.shape[1], use_bias=False)
    layer.build((None, len(kernel)))
    layer.kernel.assign(kernel)
    layer.enable_lora(a.shape[1], lora_alpha=alpha)
    layer.lora_kernel_a.assign(a)
    layer.lora_kernel_b.assign(b)
    return layer.kernel


def merged_rank_by_rank(kernel, a, b, alpha):
    found = kernel.copy()
    for column, row in zip(a.T, b, strict=True):
        found += alpha / len(b) * np.outer(column, row)
    return found.tolist()


def merged_unscaled(kernel, a, b, alpha):
    return kernel + a @ b


def merged_by_alpha(kernel, a, b, alpha):
    return kernel + alpha * a @ b


def merged_by_rank_over_alpha(kernel, a, b, alpha):
    return kernel + a.shape[1] / alpha * a @ b


def merged_change_only(kernel, a, b, alpha):
    return alpha / a.shape[1] * a @ b


def merged_subtracted(kernel, a, b, alpha):
    return kernel - alpha / a.shape[1] * a @ b


def merged_all_scaled(kernel, a, b, alpha):
    return alpha / a.shape[1] * (kernel + a @ b)


def merged_transposed(kernel, a, b, alpha):
    return merged_by_matrices(kernel, a, b, alpha).T


def merged_by_rows(kernel, a, b, alpha):
    return kernel + alpha / len(a) * a @ b


def merged_not_at_all(kernel, a, b, alpha):
    return kernel


ANSWERS = {
    "10.1": {
        "right": [cut_by_ends, cut_by_recursion, cut_by_next, cut_by_shrinking],
        "wrong": [
            (cut_shortest, r"\*longest\* known piece"),
            (cut_without_marks, "within a word begins with `##`"),
            (cut_unmarked_within, "Within a word only pieces with"),
            (cut_partly, "the whole word becomes `\\[UNK\\]`"),
            (cut_into_nothing, "does not disappear"),
            (cut_backwards, "in the order of the word"),
            (cut_as_a_number, "Return a list of pieces"),
            (cut_with_second_thoughts, "never given back"),
        ],
        "refused": [cut_of_the_kit],
    },
    "10.2": {
        "right": [Args(each, PADDED) for each in (pool_by_mask, pool_row_by_row, pool_by_keras, pool_by_einsum)],
        "wrong": [
            (Args(pool_with_padding, PADDED), "as if it were a word"),
            (Args(pool_by_length, PADDED), "the length with its padding"),
            (Args(pool_as_a_sum, PADDED), "not the sum"),
            (Args(pool_the_padding, PADDED), "averages the padding"),
            (Args(pool_the_first, PADDED), "not only the first"),
            (Args(pool_the_largest, PADDED), "not the largest"),
            (Args(pool_all_texts, PADDED), "Return a vector for each"),
        ],
        "refused": [Args(pool_of_the_kit, PADDED)],
        "prediction": "below 0.9",
    },
    "10.3": {
        "right": [
            Args(each, HUNDRED) for each in (tfidf_by_arrays, tfidf_of_scikit_learn, tfidf_in_loops, tfidf_by_normalize)
        ],
        "wrong": [
            (Args(tfidf_without_a_length, HUNDRED), "Divide each text by its length"),
            (Args(tfidf_without_rarity, HUNDRED), "The rarity is missing"),
            (Args(tfidf_without_one, HUNDRED), r"The `\+ 1` after the logarithm is missing"),
            (Args(tfidf_unsmoothed, HUNDRED), r"The `1 \+` in both parts"),
            (Args(tfidf_of_presence, HUNDRED), "How often a word occurs in the text"),
            (Args(tfidf_of_occurrences, HUNDRED), r"number of \*texts\*"),
            (Args(tfidf_by_sums, HUNDRED), "root of the sum of squares, not the sum"),
            (Args(tfidf_by_words, HUNDRED), "not each word"),
        ],
        "refused": [Args(tfidf_of_the_kit, HUNDRED)],
        "prediction": "word counts",
    },
    "10.4": {
        "right": [masked_by_log_softmax, masked_by_logsumexp, masked_by_keras, masked_place_by_place],
        "wrong": [
            (masked_everywhere, "All places count here"),
            (masked_over_all, "not by that of all"),
            (masked_as_a_sum, "not the sum"),
            (masked_not_chosen, r"\*not\* chosen"),
            (masked_as_a_likelihood, "Take minus the logarithm"),
            (masked_of_logits, "no log-probabilities"),
            (masked_that_overflows, "not a number|Subtract the largest"),
            (masked_in_bits, "the natural one"),
        ],
        "refused": [masked_of_the_kit],
    },
    "10.5": {
        "right": [
            Args(each, FOUND)
            for each in (contrast_by_diagonals, contrast_by_scikit_learn, contrast_by_keras, contrast_in_loops)
        ],
        "wrong": [
            (Args(contrast_one_way, FOUND), "That is one direction"),
            (Args(contrast_other_way, FOUND), "second direction only"),
            (Args(contrast_as_a_sum, FOUND), "not their sum"),
            (Args(contrast_of_products, FOUND), "divide by both lengths"),
            (Args(contrast_without_scale, FOUND), "The scale is missing"),
            (Args(contrast_by_temperature, FOUND), "one over a temperature"),
            (Args(contrast_without_others, FOUND), "only draws partners together"),
            (Args(contrast_of_the_others_only, FOUND), "stands in the sum, too"),
        ],
        "refused": [Args(contrast_of_the_kit, FOUND)],
        "prediction": "2 to 30 %",
    },
    "10.6": {
        "right": [
            Args(each, APART)
            for each in (
                neighbours_by_unit_vectors,
                neighbours_by_distance,
                neighbours_by_scikit_learn,
                neighbours_one_by_one,
            )
        ],
        "wrong": [
            (Args(neighbours_with_itself, APART), "not its own neighbour: leave out"),
            (Args(neighbours_without_the_first, APART), "Another text with the same vector"),
            (Args(neighbours_moved_up, APART), "move up by one"),
            (Args(neighbours_farthest_first, APART), "The nearest comes first"),
            (Args(neighbours_far_away, APART), "These are the farthest"),
            (Args(neighbours_by_products, APART), "Long vectors win"),
            (Args(neighbours_by_euclid, APART), "not the distance"),
            (Args(neighbours_by_size, APART), "sign of the cosine"),
        ],
        "refused": [Args(neighbours_of_the_kit, APART), Args(neighbours_with_a_zero_for_itself, APART)],
        "prediction": "no clear difference",
    },
    "10.7": {
        "right": [Args(each, BY_BUDGET) for each in (pays_by_the_kit, pays_by_verdict, pays_by_a_test, pays_by_hand)],
        "wrong": [
            (Args(pays_by_means, BY_BUDGET), "A mean above 0 is not enough"),
            (Args(pays_turned_round, BY_BUDGET), "look at the sign"),
            (Args(pays_unpaired, BY_BUDGET), "take the differences first"),
            (Args(pays_by_a_bell, BY_BUDGET), "larger than 1.96"),
            (Args(pays_for_one_draw, BY_BUDGET), "divide by the root of the number of draws"),
            (Args(pays_by_wins, BY_BUDGET), "Count no wins"),
            (Args(pays_as_yes, BY_BUDGET), "A verdict is one of"),
            (Args(pays_as_a_list, BY_BUDGET), "Return a dictionary"),
            (Args(pays_in_the_order_of_rows, BY_BUDGET), "the order may differ"),
        ],
        "prediction": "at 5 and 20 labels only",
    },
    "10.8": {
        "right": [
            Args(each, 0.03) for each in (merged_by_matrices, merged_by_einsum, merged_by_keras, merged_rank_by_rank)
        ],
        "wrong": [
            (Args(merged_unscaled, 0.03), "The change is multiplied by"),
            (Args(merged_by_alpha, 0.03), "Divide by the rank: "),
            (Args(merged_by_rank_over_alpha, 0.03), "not `rank / alpha`"),
            (Args(merged_change_only, 0.03), "the change alone"),
            (Args(merged_subtracted, 0.03), "added, not subtracted"),
            (Args(merged_all_scaled, 0.03), "Only the change is scaled"),
            (Args(merged_transposed, 0.03), r"\(inputs, outputs\)"),
            (Args(merged_by_rows, 0.03), "not of its rows"),
            (Args(merged_not_at_all, 0.03), "without its change"),
        ],
        "prediction": "less than 10 %",
    },
}
