"""Right and wrong answers to the exercises of lesson 15: each wrong one stands for a misconception."""

import difflib
import functools
import itertools
import math
import re
import unicodedata

import keras
import numpy as np
import tensorflow as tf
from scipy.special import log_softmax, logsumexp, softmax

from tlkit.backbones.spelling import character_error_rate
from tlkit.checks.testing import Args
from tlkit.translation import (
    attention_over,
    epochs_for,
    find_twins,
    masked_cross_entropy,
    move_script,
    shift_right,
    write_greedily,
)

# --- 15.1


def shift_by_columns(letters, begin):
    told = np.concatenate([np.full((len(letters), 1), begin), letters[:, :-1]], axis=1)
    return np.where(told == 1, 0, told)


def shift_by_rolling(letters, begin):
    told = np.roll(np.where(letters == 1, 0, letters), 1, axis=1)
    told[:, 0] = begin
    return told


def shift_in_lists(letters, begin):
    rows = ([begin, *row[:-1]] for row in letters.tolist())
    return [[0 if letter == 1 else letter for letter in row] for row in rows]


def shift_by_padding(letters, begin):
    told = tf.pad(letters, [[0, 0], [1, 0]], constant_values=begin)[:, :-1]
    return tf.where(told == 1, tf.zeros_like(told), told)


def shift_of_the_kit(letters, begin):
    return shift_right(letters, begin)


def shift_forgotten(letters, begin):
    return letters


def shift_with_the_end(letters, begin):
    return np.concatenate([np.full((len(letters), 1), begin), letters[:, :-1]], axis=1)


def shift_to_the_left(letters, begin):
    return np.concatenate([letters[:, 1:], np.full((len(letters), 1), begin)], axis=1)


def shift_without_begin(letters, begin):
    return shift_by_columns(letters, 0)


def shift_with_begin_as_padding(letters, begin):
    told = shift_by_columns(letters, begin)
    return np.where(told == 0, begin, told)


def shift_with_one_more(letters, begin):
    return np.concatenate([np.full((len(letters), 1), begin), letters], axis=1)


def shift_that_begins_with_two(letters, begin):
    return shift_by_columns(letters, 2)


UNSHIFTED = {"loss": 0.2, "letters wrong": 0.9}

# --- 15.2


def loss_of_scipy(scores, letters):
    chances = np.take_along_axis(log_softmax(scores, axis=-1), letters[..., None], axis=-1)[..., 0]
    return -chances[letters > 0].mean()


def loss_in_loops(scores, letters):
    costs = []
    for name, right in zip(scores, letters, strict=True):
        for place, letter in zip(name, right, strict=True):
            if letter != 0:
                costs.append(logsumexp(place) - place[letter])
    return sum(costs) / len(costs)


def loss_by_weights(scores, letters):
    costs = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=letters, logits=scores)
    there = tf.cast(letters != 0, costs.dtype)
    return tf.reduce_sum(costs * there) / tf.reduce_sum(there)


def loss_of_rows(scores, letters):
    rows = letters.ravel() > 0
    kept, right = scores.reshape(-1, scores.shape[-1])[rows], letters.ravel()[rows]
    return float(np.mean(logsumexp(kept, axis=1) - kept[np.arange(len(right)), right]))


def loss_of_the_kit(scores, letters):
    return masked_cross_entropy(scores, letters)


def _costs(scores, letters):
    return -np.take_along_axis(log_softmax(scores, axis=-1), letters[..., None], axis=-1)[..., 0]


def loss_with_padding(scores, letters):
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)(letters, scores)


def loss_divided_by_all(scores, letters):
    return (_costs(scores, letters) * (letters > 0)).mean()


def loss_summed(scores, letters):
    return _costs(scores, letters)[letters > 0].sum()


def loss_by_names(scores, letters):
    return np.mean([cost[row > 0].mean() for cost, row in zip(_costs(scores, letters), letters, strict=True)])


def loss_of_raw_scores(scores, letters):
    return -np.take_along_axis(scores, letters[..., None], axis=-1)[..., 0][letters > 0].mean()


def loss_positive(scores, letters):
    return -loss_of_scipy(scores, letters)


def loss_in_bits(scores, letters):
    return loss_of_scipy(scores, letters) / np.log(2)


def loss_with_a_smallest_chance(scores, letters):
    chances = np.take_along_axis(softmax(scores, axis=-1), letters[..., None], axis=-1)[..., 0]
    return -np.log(chances[letters > 0] + 1e-12).mean()


def loss_that_overflows(scores, letters):
    with np.errstate(all="ignore"):
        chances = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
        return -np.log(np.take_along_axis(chances, letters[..., None], axis=-1)[..., 0][letters > 0]).mean()


# --- 15.3


def write_in_a_loop(next_scores, begin, end, longest):
    said = [begin]
    while len(said) <= longest:
        letter = int(np.argmax(next_scores(said)))
        if letter == end:
            break
        said.append(letter)
    return said[1:]


def write_by_recursion(next_scores, begin, end, longest, said=()):
    if len(said) == longest:
        return list(said)
    letter = int(next_scores([begin, *said]).argmax())
    return list(said) if letter == end else write_by_recursion(next_scores, begin, end, longest, (*said, letter))


def write_with_a_count(next_scores, begin, end, longest):
    letters = []
    for _ in range(longest):
        scores = np.asarray(next_scores([begin, *letters])).tolist()
        letter = scores.index(max(scores))
        if letter == end:
            return letters
        letters.append(letter)
    return letters


def write_with_arrays(next_scores, begin, end, longest):
    said = np.array([begin])
    for _ in range(longest):
        said = np.append(said, np.argmax(next_scores(said)))
        if said[-1] == end:
            return said[1:-1]
    return said[1:]


def write_of_the_kit(next_scores, begin, end, longest):
    return write_greedily(next_scores, begin=begin, end=end, longest=longest)


def write_with_begin(next_scores, begin, end, longest):
    return [begin, *write_in_a_loop(next_scores, begin, end, longest)]


def write_with_the_end(next_scores, begin, end, longest):
    said = write_in_a_loop(next_scores, begin, end, longest)
    return said if len(said) == longest else [*said, end]


def write_from_the_last(next_scores, begin, end, longest):
    letters = []
    for _ in range(longest):
        letter = int(np.argmax(next_scores([begin, *letters[-1:]])))
        if letter == end:
            break
        letters.append(letter)
    return letters


def write_without_an_end(next_scores, begin, end, longest):
    return write_in_a_loop(next_scores, begin, -1, longest)


def write_beyond_the_end(next_scores, begin, end, longest):
    said = [begin]
    while len(said) <= longest:
        said.append(int(np.argmax(next_scores(said))))
    return [letter for letter in said[1:] if letter != end]


def write_without_a_limit(next_scores, begin, end, longest):
    return write_in_a_loop(next_scores, begin, end, 100)


def write_one_too_few(next_scores, begin, end, longest):
    return write_in_a_loop(next_scores, begin, end, longest - 1)


def write_without_telling_begin(next_scores, begin, end, longest):
    said = []
    while len(said) < longest:
        letter = int(np.argmax(next_scores(said)))
        if letter == end:
            break
        said.append(letter)
    return said


BY_HELP = {"told the right letters": 0.2, "alone": 0.3}

# --- 15.4


def _edits(one, other, change=1):
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        above, row = row, [place]
        for column, right in enumerate(other):
            step = 0 if letter == right else change
            row.append(min(above[column + 1] + 1, row[column] + 1, above[column] + step))
    return row[-1]


def rate_by_rows(said, names):
    edits = [_edits(one, other) for one, other in zip(said, names, strict=True)]
    return sum(edits) / len("".join(names))


def rate_by_recursion(said, names):
    @functools.cache
    def edits(one, other):
        if not one or not other:
            return len(one or other)
        same = edits(one[1:], other[1:])
        return same if one[0] == other[0] else 1 + min(same, edits(one[1:], other), edits(one, other[1:]))

    return sum(map(edits, said, names)) / sum(map(len, names))


def rate_by_a_table(said, names):
    total = 0
    for one, other in zip(said, names, strict=True):
        table = np.add.outer(np.arange(len(one) + 1), np.arange(len(other) + 1))
        for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
            change = table[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, change)
        total += table[-1, -1]
    return total / sum(len(name) for name in names)


def rate_by_frontiers(said, names):
    def edits(one, other):
        reached, steps = {(0, 0)}, 0
        while True:
            grown = set()
            for i, j in reached:
                while i < len(one) and j < len(other) and one[i] == other[j]:
                    i, j = i + 1, j + 1
                if (i, j) == (len(one), len(other)):
                    return steps
                grown |= {(i + 1, j), (i, j + 1), (i + 1, j + 1)}
            reached = {(i, j) for i, j in grown if i <= len(one) and j <= len(other)}
            steps += 1

    return np.float64(sum(map(edits, said, names)) / sum(map(len, names)))


def rate_of_the_kit(said, names):
    return character_error_rate(said, names)


def rate_by_names(said, names):
    return np.mean([_edits(one, other) / len(other) for one, other in zip(said, names, strict=True)])


def rate_of_a_name(said, names):
    return sum(map(_edits, said, names)) / len(names)


def rate_by_what_was_said(said, names):
    return sum(map(_edits, said, names)) / max(1, sum(map(len, said)))


def rate_by_places(said, names):
    wrong = sum(one != other for pair in zip(said, names, strict=True) for one, other in itertools.zip_longest(*pair))
    return wrong / sum(map(len, names))


def rate_of_changes_only(said, names):
    wrong = sum(one != other for pair in zip(said, names, strict=True) for one, other in zip(*pair, strict=False))
    return wrong / sum(map(len, names))


def rate_with_changes_as_two(said, names):
    return sum(_edits(*pair, change=2) for pair in zip(said, names, strict=True)) / sum(map(len, names))


def _edits_with_exchanges(one, other):
    rows = np.add.outer(np.arange(len(one) + 1), np.arange(len(other) + 1))
    for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
        rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + (one[i - 1] != other[j - 1]))
        if min(i, j) > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
            rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return int(rows[-1, -1])


def rate_with_exchanges(said, names):
    return sum(map(_edits_with_exchanges, said, names)) / sum(map(len, names))


def rate_of_whole_names(said, names):
    return np.mean([one != other for one, other in zip(said, names, strict=True)])


def rate_at_most_one(said, names):
    return min(1.0, rate_by_rows(said, names))


def rate_of_difflib(said, names):
    alike = [difflib.SequenceMatcher(None, one, other).ratio() for one, other in zip(said, names, strict=True)]
    return 1 - np.mean(alike)


BASELINES = {"copying the Marathi name": 0.25, "the network that writes Marathi": 0.33}

# --- 15.5


def attention_by_masking(scores, letters):
    masked = np.where(letters != 0, scores, -np.inf)
    sizes = np.exp(masked - masked.max(axis=1, keepdims=True))
    return sizes / sizes.sum(axis=1, keepdims=True)


def attention_of_scipy(scores, letters):
    return softmax(np.where(letters > 0, scores, -1e9), axis=1)


def attention_of_real_letters(scores, letters):
    shares = np.zeros(scores.shape)
    shares[:, letters != 0] = softmax(scores[:, letters != 0], axis=1)
    return shares


def attention_with_keras(scores, letters):
    return keras.ops.softmax(keras.ops.where(letters[None] != 0, scores, -1e9), axis=-1)


def attention_in_single_precision(scores, letters):
    return keras.layers.Softmax()(scores.astype("float32"), mask=np.broadcast_to(letters != 0, scores.shape))


def attention_of_the_kit(scores, letters):
    return attention_over(scores, letters)


def attention_to_all(scores, letters):
    return softmax(scores, axis=1)


def attention_zeroed_afterwards(scores, letters):
    return softmax(scores, axis=1) * (letters != 0)


def attention_with_scores_of_zero(scores, letters):
    return softmax(scores * (letters != 0), axis=1)


def attention_down_the_columns(scores, letters):
    return softmax(scores, axis=0)


def attention_spread_evenly(scores, letters):
    return np.tile((letters != 0) / (letters != 0).sum(), (len(scores), 1))


def attention_to_the_best(scores, letters):
    return np.eye(len(letters))[np.where(letters != 0, scores, -np.inf).argmax(axis=1)]


def attention_that_overflows(scores, letters):
    with np.errstate(all="ignore"):
        sizes = np.exp(scores) * (letters != 0)
        return sizes / sizes.sum(axis=1, keepdims=True)


# --- 15.6


def epochs_by_ceiling(num_updates, num_pairs, batch_size):
    return math.ceil(num_updates / math.ceil(num_pairs / batch_size))


def epochs_by_floors(num_updates, num_pairs, batch_size):
    return -(-num_updates // -(-num_pairs // batch_size))


def epochs_by_counting(num_updates, num_pairs, batch_size):
    steps, epochs = len(range(0, num_pairs, batch_size)), 0
    while epochs * steps < num_updates:
        epochs += 1
    return epochs


def epochs_with_numpy(num_updates, num_pairs, batch_size):
    steps = len(np.array_split(np.arange(num_pairs), np.arange(batch_size, num_pairs, batch_size)))
    return np.ceil(num_updates / steps)


def epochs_of_the_kit(num_updates, num_pairs, batch_size):
    return epochs_for(num_updates, num_pairs, batch_size)


def epochs_rounded_down(num_updates, num_pairs, batch_size):
    return num_updates // math.ceil(num_pairs / batch_size)


def epochs_of_full_batches(num_updates, num_pairs, batch_size):
    return math.ceil(num_updates / max(1, num_pairs // batch_size))


def epochs_of_broken_steps(num_updates, num_pairs, batch_size):
    return math.ceil(num_updates * batch_size / num_pairs)


def epochs_of_single_pairs(num_updates, num_pairs, batch_size):
    return math.ceil(num_updates / num_pairs)


def epochs_as_updates(num_updates, num_pairs, batch_size):
    return num_updates


def epochs_of_one_more(num_updates, num_pairs, batch_size):
    return num_updates // math.ceil(num_pairs / batch_size) + 1


def epochs_unrounded(num_updates, num_pairs, batch_size):
    return num_updates * batch_size / num_pairs + 0.137


BY_START = {"from scratch": [0.56], "the parent as it is": [0.33], "the parent tuned": [0.32]}

# --- 15.7


def move_by_translation(text, source, target):
    return text.translate({source + place: target + place for place in range(128)})


def move_letter_by_letter(text, source, target):
    moved = []
    for letter in text:
        place = ord(letter) - source
        moved.append(chr(target + place) if 0 <= place < 128 else letter)
    return "".join(moved)


def move_by_pattern(text, source, target):
    block = f"[{chr(source)}-{chr(source + 127)}]"
    return re.sub(block, lambda found: chr(ord(found[0]) + target - source), text)


def move_by_numbers(text, source, target):
    numbers = np.array([ord(letter) for letter in text], int)
    inside = (numbers >> 7) == (source >> 7)
    return "".join(map(chr, np.where(inside, numbers - source + target, numbers).tolist()))


def move_of_the_kit(text, source, target):
    return move_script(text, source, target)


def move_nothing(text, source, target):
    return text


def move_everything(text, source, target):
    return "".join(chr(max(0, ord(letter) + target - source)) for letter in text)


def move_all_above(text, source, target):
    return "".join(chr(ord(letter) + target - source) if ord(letter) >= source else letter for letter in text)


def move_all_but_the_last(text, source, target):
    return text.translate({source + place: target + place for place in range(127)})


def move_all_but_the_first(text, source, target):
    return text.translate({source + place: target + place for place in range(1, 128)})


def move_one_too_many(text, source, target):
    return text.translate({source + place: target + place for place in range(129)})


def move_and_drop(text, source, target):
    return "".join(chr(ord(each) - source + target) for each in text if source <= ord(each) < source + 128)


def move_back(text, source, target):
    return move_by_translation(text, target, source)


def move_as_numbers(text, source, target):
    return [ord(letter) - source + target for letter in text]


MOVED = {"Bengali letters": 1.0, "moved to Hindi's": 0.46}

# --- 15.8


def _plain(name):
    return "".join(letter for letter in unicodedata.normalize("NFKD", name.lower()) if letter.isalnum())


def twins_by_plain_names(train, test):
    known = {_plain(name) for name in train}
    return [place for place, name in enumerate(test) if _plain(name) in known]


def twins_by_ascii(train, test):
    def ascii_only(name):
        plain = unicodedata.normalize("NFD", name.casefold()).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]", "", plain)

    known = set(map(ascii_only, train))
    return {place for place in range(len(test)) if ascii_only(test[place]) in known}


def twins_with_numpy(train, test):
    plain = [np.array([_plain(name) for name in names]) for names in (train, test)]
    return np.flatnonzero(np.isin(plain[1], plain[0]))


def twins_in_loops(train, test):
    found = []
    for place, name in enumerate(test):
        for other in train:
            marks = [unicodedata.normalize("NFKD", each.lower()) for each in (name, other)]
            one, two = ([letter for letter in text if letter.isalnum()] for text in marks)
            if one == two:
                found.append(place)
                break
    return found


def twins_of_the_kit(train, test):
    return find_twins(train, test)


def twins_as_written(train, test):
    return [place for place, name in enumerate(test) if name in train]


def twins_in_lower_case(train, test):
    known = {name.lower() for name in train}
    return [place for place, name in enumerate(test) if name.lower() in known]


def twins_with_accents(train, test):
    def plain(name):
        return "".join(letter for letter in name.lower() if letter.isalnum())

    known = {plain(name) for name in train}
    return [place for place, name in enumerate(test) if plain(name) in known]


def twins_with_marks(train, test):
    def plain(name):
        marks = unicodedata.normalize("NFKD", name.lower())
        return "".join(letter for letter in marks if not unicodedata.combining(letter))

    known = {plain(name) for name in train}
    return [place for place, name in enumerate(test) if plain(name) in known]


def twins_by_parts(train, test):
    return [place for place, name in enumerate(test) if any(_plain(name) in _plain(each) for each in train)]


def twins_by_letters(train, test):
    known = {re.sub(r"\d", "", _plain(name)) for name in train}
    return [place for place, name in enumerate(test) if re.sub(r"\d", "", _plain(name)) in known]


def twins_in_train(train, test):
    return twins_by_plain_names(test, train)


def twins_without_marks_of_ascii(train, test):
    def plain(name):
        letters = unicodedata.normalize("NFKD", name.lower())
        return "".join(each for each in letters if not unicodedata.combining(each) and each not in " .,-'")

    known = set(map(plain, train))
    return [place for place, name in enumerate(test) if plain(name) in known]


def twins_once(train, test):
    first = {_plain(name): place for place, name in reversed(list(enumerate(test)))}
    return sorted(first[name] for name in set(map(_plain, train)) & set(first))


def twins_as_names(train, test):
    return [test[place] for place in twins_by_plain_names(train, test)]


def twins_as_a_count(train, test):
    return len(twins_by_plain_names(train, test))


LEAK = {"clean": 0.32, "leaking": 0.26}


ANSWERS = {
    "15.1": {
        "right": [
            Args(shift_by_columns, UNSHIFTED),
            Args(shift_by_rolling, UNSHIFTED),
            Args(shift_in_lists, UNSHIFTED),
            Args(shift_by_padding, UNSHIFTED),
        ],
        "wrong": [
            (Args(shift_of_the_kit, UNSHIFTED), "write this yourself. Your answer calls shift_right"),
            (Args(shift_forgotten, UNSHIFTED), "Nothing is shifted: at each place"),
            (Args(shift_with_the_end, UNSHIFTED), "The end is still there"),
            (Args(shift_to_the_left, UNSHIFTED), "letters to come"),
            (Args(shift_without_begin, UNSHIFTED), "`begin` has to come first"),
            (Args(shift_with_begin_as_padding, UNSHIFTED), "Padding stays 0"),
            (Args(shift_with_one_more, UNSHIFTED), "of the shape of `letters`"),
        ],
        "refused": [Args(shift_that_begins_with_two, UNSHIFTED)],
        "prediction": "a high loss",
    },
    "15.2": {
        "right": [loss_of_scipy, loss_in_loops, loss_by_weights, loss_of_rows],
        "wrong": [
            (loss_of_the_kit, "write this yourself. Your answer calls masked_cross_entropy"),
            (loss_with_padding, "Padding counts here"),
            (loss_divided_by_all, "but still counted"),
            (loss_summed, "not their sum"),
            (loss_by_names, "a long name counts more"),
            (loss_of_raw_scores, "take their softmax first"),
            (loss_positive, r"\*negative\* log probability"),
            (loss_in_bits, "the natural one"),
            (loss_with_a_smallest_chance, "with nothing added"),
        ],
        "refused": [loss_that_overflows],
    },
    "15.3": {
        "right": [
            Args(write_in_a_loop, BY_HELP),
            Args(write_by_recursion, BY_HELP),
            Args(write_with_a_count, BY_HELP),
            Args(write_with_arrays, BY_HELP),
        ],
        "wrong": [
            (Args(write_of_the_kit, BY_HELP), "write this yourself. Your answer calls write_greedily"),
            (Args(write_with_begin, BY_HELP), "`begin` is no letter"),
            (Args(write_with_the_end, BY_HELP), "The end is no letter"),
            (Args(write_from_the_last, BY_HELP), r"Each letter follows from \*all\*"),
            (Args(write_without_an_end, BY_HELP), "Stop as soon as the end|append it, and ask again|however the name"),
            (Args(write_without_a_limit, BY_HELP), "At most|after `longest` letters"),
            (Args(write_one_too_few, BY_HELP), "The last letter is missing"),
            (Args(write_without_telling_begin, BY_HELP), "with `begin`, .* first"),
            (Args(write_beyond_the_end, BY_HELP), "Nothing follows the end"),
        ],
        "prediction": "fewer",
    },
    "15.4": {
        "right": [
            Args(rate_by_rows, BASELINES),
            Args(rate_by_recursion, BASELINES),
            Args(rate_by_a_table, BASELINES),
            Args(rate_by_frontiers, BASELINES),
        ],
        "wrong": [
            (Args(rate_of_the_kit, BASELINES), "write this yourself. Your answer calls character_error_rate"),
            (Args(rate_by_names, BASELINES), "Add up first, then divide"),
            (Args(rate_of_a_name, BASELINES), "not of names"),
            (Args(rate_by_what_was_said, BASELINES), r"letters of the \*right\* names"),
            (Args(rate_by_places, BASELINES), "shifts the others"),
            (Args(rate_of_changes_only, BASELINES), "missing or too many count"),
            (Args(rate_with_changes_as_two, BASELINES), r"\*one\* step, not two"),
            (Args(rate_of_whole_names, BASELINES), "a name can be nearly right"),
            (Args(rate_with_exchanges, BASELINES), "two edits, not one"),
        ],
        "refused": [Args(rate_at_most_one, BASELINES), Args(rate_of_difflib, BASELINES)],
        "prediction": "the network that writes Marathi",
    },
    "15.5": {
        "right": [
            attention_by_masking,
            attention_of_scipy,
            attention_of_real_letters,
            attention_with_keras,
            attention_in_single_precision,
        ],
        "wrong": [
            (attention_of_the_kit, "write this yourself. Your answer calls attention_over"),
            (attention_to_all, "Padding gets a share, too"),
            (attention_zeroed_afterwards, r"\*after\* the softmax"),
            (attention_with_scores_of_zero, "A score of 0 is a score like others"),
            (attention_down_the_columns, "along the row, axis 1"),
            (attention_spread_evenly, "The scores decide"),
            (attention_to_the_best, "not the best one alone"),
        ],
        "refused": [attention_that_overflows],
    },
    "15.6": {
        "right": [
            Args(epochs_by_ceiling, BY_START),
            Args(epochs_by_floors, BY_START),
            Args(epochs_by_counting, BY_START),
            Args(epochs_with_numpy, BY_START),
        ],
        "wrong": [
            (Args(epochs_of_the_kit, BY_START), "write this yourself. Your answer calls epochs_for"),
            (Args(epochs_rounded_down, BY_START), "too few steps"),
            (Args(epochs_of_full_batches, BY_START), "make a step of their own"),
            (Args(epochs_of_broken_steps, BY_START), "Steps are whole"),
            (Args(epochs_of_single_pairs, BY_START), "not a single one"),
            (Args(epochs_as_updates, BY_START), "An epoch may have several steps"),
            (Args(epochs_of_one_more, BY_START), "no further epoch is needed"),
            (Args(epochs_unrounded, BY_START), "Return a whole number"),
        ],
        "prediction": "the parent tuned",
    },
    "15.7": {
        "right": [
            Args(move_by_translation, MOVED),
            Args(move_letter_by_letter, MOVED),
            Args(move_by_pattern, MOVED),
            Args(move_by_numbers, MOVED),
        ],
        "wrong": [
            (Args(move_of_the_kit, MOVED), "write this yourself. Your answer calls move_script"),
            (Args(move_nothing, MOVED), "Nothing has moved"),
            (Args(move_everything, MOVED), "Only letters of the block are moved"),
            (Args(move_all_above, MOVED), "The block ends after 128 places|Only letters of the block"),
            (Args(move_all_but_the_last, MOVED), "its last one is"),
            (Args(move_and_drop, MOVED), "Letters that are not in the block stay"),
            (Args(move_back, MOVED), "Nothing has moved|the wrong way"),
            (Args(move_as_numbers, MOVED), "Return a text"),
        ],
        "refused": [Args(move_all_but_the_first, MOVED), Args(move_one_too_many, MOVED)],
        "prediction": "by 10 to 40 points",
    },
    "15.8": {
        "right": [
            Args(twins_by_plain_names, LEAK),
            Args(twins_by_ascii, LEAK),
            Args(twins_with_numpy, LEAK),
            Args(twins_in_loops, LEAK),
        ],
        "wrong": [
            (Args(twins_of_the_kit, LEAK), "write this yourself. Your answer calls find_twins"),
            (Args(twins_as_written, LEAK), "written (in|with)"),
            (Args(twins_in_lower_case, LEAK), "written with"),
            (Args(twins_with_accents, LEAK), "written with an accent"),
            (Args(twins_with_marks, LEAK), "Keep letters and digits only"),
            (Args(twins_by_parts, LEAK), "It has no twin among them. The whole names"),
            (Args(twins_as_names, LEAK), r"Return the places of names.*Received: \['"),
            (Args(twins_as_a_count, LEAK), r"Return the places of names.*Received: \d"),
            (Args(twins_by_letters, LEAK), "in their order, for each test name"),
        ],
        "refused": [Args(twins_in_train, LEAK), Args(twins_once, LEAK), Args(twins_without_marks_of_ascii, LEAK)],
        "prediction": "less than 2 points",
    },
}
