"""Questions on evidence: what a comparison, an interval, a split or a score shows, and what it does not show."""

import numpy as np
from scipy import stats

from tlkit.quiz.question import Drawn, question

__all__: list[str] = []


@question(
    "Shuffle, then take and skip",
    lesson=1,
    beliefs=(
        "A data set that shuffles deals once, so that `take` and `skip` stay apart.",
        "With `shuffle` before the split, every test image is trained on.",
        "The test images that return are the share that the test set has of itself.",
    ),
    because="`shuffle` deals anew at each reading: a test image is in `skip` as probably as any other image.",
)
def _leak(rng: np.random.RandomState) -> Drawn:
    num, tenths = int(rng.choice([500, 1000, 2000, 4000])), int(rng.randint(1, 5))
    test = num * tenths // 10
    code = f"images = tf.data.Dataset.range({num}).shuffle({num})\n"
    code += f"test, train = images.take({test}), images.skip({test})"
    text = f"`train` is read once, then `test` once. About how many of the {test} test images were in `train`, too?"
    answers = f"{test * (num - test) // num}", "none", f"all {test}", f"{test * test // num}"
    return Drawn(text, answers, code)


@question(
    "What random features show",
    lesson=1,
    beliefs=(
        "Features of random weights are worth no more than guessing.",
        "All of the accuracy is owed to pre-training.",
        "What random weights reach above chance is the worth of pre-training.",
    ),
    because="Random features carry much of the image, too: what pre-training adds is the difference between the two.",
)
def _random_features(rng: np.random.RandomState) -> Drawn:
    classes, random = int(rng.choice([4, 5, 10, 20])), int(rng.randint(36, 56))
    trained, chance = random + int(rng.randint(20, 36)), 100 // classes
    text = f"A new head on frozen features of a network names {trained} % of the photos of {classes} equally frequent "
    text += f"classes correctly; on features of the same network with random weights, {random} %. How many points does "
    text += "pre-training add?"
    points = trained - random, trained - chance, trained, random - chance
    return Drawn(text, tuple(f"{value} points" for value in points))


@question(
    "An interval that contains 0",
    lesson=1,
    beliefs=(
        "An interval that contains 0 shows that there is no difference.",
        "A positive mean is a gain, whatever its interval.",
        "The interval of a mean contains 95 % of the single runs.",
    ),
    because="The interval holds the means that fit the data; with 0 among them, the sign of the gain is undecided.",
)
def _interval_with_zero(rng: np.random.RandomState) -> Drawn:
    num, mean = int(rng.randint(4, 11)), round(rng.uniform(0.5, 3), 1)
    half = mean + round(rng.uniform(0.8, 4), 1)
    low, high = mean - half, mean + half
    text = f"Over {num} paired seeds, transfer gained {mean:+.1f} points on average, with the 95 % interval "
    text += f"[{low:.1f}, {high:.1f}]. What does that show?"
    answers = (
        f"A mean gain of {high:.1f} points fits the data, and so does a loss of {-low:.1f}.",
        f"Transfer makes no difference: the {mean:+.1f} points are chance.",
        f"Transfer gains about {mean:.1f} points.",
        f"19 of 20 single runs would gain between {low:.1f} and {high:.1f} points.",
    )
    return Drawn(text, answers)


@question(
    "Choosing on the test set",
    lesson=2,
    beliefs=(
        "A test set that nobody trained on stays fair when one chooses by it.",
        "The best of many exaggerates by one standard error, however many are tried.",
        "The more networks are tried, the more exact the figure of the best one is.",
    ),
    because="The best of many figures is also the luckiest one: measure the one that you chose on images kept apart.",
)
def _best_of_many(rng: np.random.RandomState) -> Drawn:
    tried, images = int(rng.choice([8, 10, 15, 20, 30, 40])), int(rng.choice([50, 100, 150, 200]))
    percent = int(rng.randint(14, 18)) * 5
    share = percent / 100
    best = (1 - stats.binom.cdf(np.arange(images), images, share) ** tried).sum() / images  # mean of the maximum
    error = np.sqrt(share * (1 - share) / images)
    text = f"{tried} networks are equally good: each names {percent} % of all photos correctly. Each is tested on "
    text += f"{images} photos of its own, and the one with the best figure is published. By how much does that figure "
    text += f"exceed {percent} %, on average?"
    points = 100 * np.array([best - share, 0, error, (best - share) / tried])
    return Drawn(text, tuple(f"{value:.1f} points" for value in points))


@question(
    "Negative transfer",
    lesson=3,
    beliefs=(
        "The baseline of transfer is the same network with random weights, frozen.",
        "The baseline of transfer is guessing.",
        "Pre-trained weights may be of no use, but they never do harm.",
    ),
    because="The baseline is the best way without the source, tuned with the same effort; transfer may lose to it.",
)
def _negative_transfer(rng: np.random.RandomState) -> Drawn:
    classes, random = int(rng.choice([4, 5, 10])), int(rng.randint(35, 50))
    transfer = random + int(rng.randint(5, 16))
    without, chance = transfer + int(rng.randint(3, 12)), 100 // classes
    code = f"""pre-trained, tuned on validation               {transfer} %
best way without a source, tuned likewise      {without} %
random weights, frozen, new head               {random} %
guessing                                       {chance} %"""
    text = "What did transfer gain? These accuracies on new images are means of many seeds with narrow intervals."
    points = transfer - without, transfer - random, transfer - chance, 0
    return Drawn(text, tuple(f"{value:+d} points" for value in points), code)


@question(
    "Accuracy where one class is rare",
    lesson=1,
    beliefs=(
        "Balanced accuracy is the share of all images that are named correctly.",
        "Balanced accuracy is the recall of the rare class.",
        "Balanced accuracy is the share of alarms that are right.",
    ),
    because="Balanced accuracy is the mean recall of the classes: a class counts the same, however rare it is.",
)
def _rare_class(rng: np.random.RandomState) -> Drawn:
    ill, well = int(rng.choice([10, 20, 40])), int(rng.choice([380, 480, 960]))
    found = int(ill * rng.randint(3, 9) / 10)
    right = int(well * rng.randint(86, 97) / 100)
    text = f"Of {ill} ill patients, a network finds {found}; of {well} healthy ones, it calls {right} healthy. "
    text += "What is its balanced accuracy?"
    balanced, alarms = (found / ill + right / well) / 2, found + well - right
    shares = balanced, (found + right) / (ill + well), found / ill, found / alarms
    return Drawn(text, tuple(f"{100 * share:.1f} %" for share in shares))


@question(
    "Choosing a source",
    lesson=5,
    beliefs=(
        "The source whose images look most like the target's is the best.",
        "The source network that is best at its own task is the best.",
        "The largest network is the best source.",
    ),
    because="A score that sees the target's labels foretells the gain; a distance or an accuracy elsewhere does not.",
)
def _source(rng: np.random.RandomState) -> Drawn:
    best, near, own, large = (int(place) for place in rng.permutation(4))
    distance, accuracy, size, probe = (rng.randint(*span, 4) for span in ((40, 60), (60, 76), (2, 9), (50, 60)))
    probe[best] += 15
    distance[near] -= 25
    accuracy[own] += 18
    size[large] += 12
    rows = [
        f"{name}         0.{distance[k]}             {accuracy[k]} %   {size[k]:3d} million            {probe[k]} %"
        for k, name in enumerate("ABCD")
    ]
    code = "\n".join(["source  distance of images  own task  parameters  probe on target*", *rows])
    text = "You can afford to tune one of four source networks. Which one do you tune? (* Accuracy of a linear "
    text += "classifier on frozen features, on validation images of the target.)"
    return Drawn(text, tuple(f"source {'ABCD'[place]}" for place in (best, near, own, large)), code)


@question(
    "How many measurements there are",
    lesson=7,
    beliefs=(
        "Each query is an independent measurement, though the queries of an episode share their few examples.",
        "Only the queries of one episode count, however many episodes there are.",
        "Each class of an episode is an independent measurement.",
    ),
    because="The queries of an episode share their few labelled examples: a lucky draw of these helps them all.",
)
def _episodes(rng: np.random.RandomState) -> Drawn:
    episodes = 10 * int(rng.randint(3, 13))
    ways, queries = int(rng.choice([5, 8, 10])), int(rng.choice([4, 6, 12, 15]))
    text = f"A few-shot method is tested in {episodes} episodes, each with {ways} classes drawn anew, one labelled "
    text += f"image for each class, and {queries} queries for each class. From how many independent measurements is "
    text += "the interval of its accuracy to be computed?"
    answers = episodes, episodes * ways * queries, ways * queries, episodes * ways
    return Drawn(text, tuple(map(str, answers)))


@question(
    "Where to put the threshold",
    lesson=14,
    beliefs=(
        "An alarm is due where it is more likely right than wrong, whatever the errors cost.",
        "The dearer a miss is, the surer a network must be before an alarm.",
        "The threshold is the price of a false alarm divided by the price of a miss.",
    ),
    because="At probability p, no alarm costs p times a miss, and an alarm costs 1 - p times a false alarm.",
)
def _threshold(rng: np.random.RandomState) -> Drawn:
    price = int(rng.randint(3, 20))
    text = f"The probabilities of a network are calibrated. To miss an ill patient costs {price} times as much as a "
    text += "false alarm. From which probability of illness on is an alarm the cheaper choice?"
    shares = 1 / (1 + price), 1 / 2, price / (1 + price), 1 / price
    return Drawn(text, tuple(f"{100 * share:.1f} %" for share in shares))
