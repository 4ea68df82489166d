# ---
# jupyter:
#   tlkit: {"minutes": 90}
# ---

# %% [markdown]
# # Can one shop learn from another?
#
# This takes about 90 minutes, about one of which is computing time on two CPU cores. You will
#
# - forecast 12 weeks of a shop that has been open for 8, 16 or 26, from rolling origins, with no week of the future;
# - let rules, ridge regressions and networks learn from other shops, of its kind and of another, and see who wins;
# - draw bands that cover what they promise, and watch them fail after a change.
#
# "A network that has seen many shops forecasts best": predict, run, and let your own numbers decide.
# `hint("13.2")` in a cell of your own gives the first of three hints for exercise 13.2.

# %%
from tlkit.backbones import load_network
from tlkit.backbones.networks import build_shops
from tlkit.checks import check, hint, lesson_card, predict, progress
from tlkit.data import load_shops, series_from_csv, shop_window
from tlkit.exercises.lesson_13_other_shops.shown import BANDS, BEST, CHANGED, LEAKS, NAIVE, NUM_SEEDS, OTHERS, SPREADS
from tlkit.forecasting import PinballLoss, RidgeTowards, band_from_others, coverage, cut_windows, draw_weeks
from tlkit.forecasting import forget, mean_by_shop, repeat_last, repeat_season, rolling_origins, tune_each
from tlkit.measure import mean_interval, paired_interval
from tlkit.plots.style import finish, new_axes
from tlkit.speed import fit_together
from tlkit_widgets import PlanBoard

import keras
import numpy as np

keras.utils.set_random_seed(0)

# %% [markdown]
# ## A new shop
#
# `cheese` holds the weekly sales of a brand of sliced cheese at 88 American retailers, with its price and the share of
# sales that was on display. The retailers of a city are all in one split: some to learn from, some to choose settings
# on, and some to forecast. `juice` holds orange juice in 83 stores of *one* chain.
#
# A forecast knows the sales of 8, 16 or 26 weeks, and the *planned* price and display of the next 12. Sales and prices
# are logarithms, minus their means in the known weeks, so that large and small shops look alike. An error of 0.2
# means a forecast that is wrong by a factor of about 1.2.

# %%
AHEAD, UNUSED = (0, 4, 8, 12), 24  # origins end so many weeks before a shop's last; sources lack its last 24 weeks
sets = {product: load_shops(product) for product in ("cheese", "juice")}
shops = {product: each.test.open("results of lesson 13") for product, each in sets.items()}
windows = {
    (product, known): cut_windows(each, known, before_end=AHEAD)
    for product, each in shops.items()
    for known in (8, 16, 26)
}
choices = {key: cut_windows(sets[key[0]].val, key[1], before_end=AHEAD) for key in windows}
eight = windows["cheese", 8]
print(f"{len(shops['cheese'])} retailers and {len(shops['juice'])} stores to forecast, from {len(AHEAD)} origins each")


# %%
def errors_of(said, cut):
    """Return `(num_shops,)`: the mean absolute error of each shop, over its origins and weeks."""
    return mean_by_shop(abs(said - cut.future_sales), cut.shop)


def told(a, b):
    """Return the paired difference of two ways as text: errors of log sales, over shops."""
    found = paired_interval(a, b)
    return f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


# %% [markdown]
# ## Exercise 13.1: what has to be beaten
#
# Before anything is learned: three rules that look at past sales only. They repeat the last value, the last four weeks
# (shops have a monthly rhythm, one might think), or the mean of all known weeks. With 8 weeks, which has the smallest
# error on cheese?

# %%
print(NAIVE)


# %% exercise="13.1-predict"
def my_naive():
    """Return one of NAIVE."""
    ### BEGIN SOLUTION
    return "the last value"
    ### END SOLUTION


# %%
predict("13.1", my_naive)

# %%
naive_said = (repeat_last(eight.known_sales, 12), repeat_season(eight.known_sales, 4, 12), 0 * eight.future_sales)
naive = {name: errors_of(said, eight) for name, said in zip(NAIVE, naive_said, strict=True)}

# %% tags=["nbval-ignore-output"]
for name, errors in naive.items():
    print(f"{name:27} {errors.mean():.3f}")
print("last four weeks minus mean:", told(naive[NAIVE[1]], naive[NAIVE[2]]))

# %%
assert naive[NAIVE[1]].mean() > naive[NAIVE[2]].mean() + 0.02
print("The mean beats the last four weeks: these sales have no rhythm of four weeks that would be worth its noise.")


# %% exercise="13.1"
def seasonal(sales, season, horizon):
    """Return `(horizon,)`: the last `season` values of `sales`, repeated in their order.

    `sales` is `(num_known,)`, the latest week last. The first week to come gets the first value of the last season.
    """
    ### BEGIN SOLUTION
    return sales[-season:][np.arange(horizon) % season]
    ### END SOLUTION


# %% check="13.1" points=2
# Tried on short and long seasons and horizons.
check("13.1", seasonal, naive)

# %% [markdown]
# ## Exercise 13.2: where a forecast starts
#
# One forecast of one shop says little: its 12 weeks may hold the summer, or a price war. Therefore we let the origin
# roll back from the end. The wrong way would be one origin for all; this is how much the error depends on it:

# %% tags=["nbval-ignore-output"]
by_origin = [abs(eight.future_sales[place :: len(AHEAD)]).mean() for place in range(len(AHEAD))]
print("error of the mean, by origin:", ", ".join(f"{error:.3f}" for error in by_origin))
print("origins of a shop with 64 weeks, 8 of them known:", rolling_origins(64, 8, 12, 4)[-len(AHEAD) :])


# %% exercise="13.2"
def origins(num_weeks, num_known, horizon, step):
    """Return a list of weeks from which a forecast can start, the earliest first, as `[10, 13, 16]`.

    Weeks are counted from 0. A forecast from `origin` knows the `num_known` weeks before it, and is asked for `origin`
    and the weeks after it, `horizon` in all. The last origin is the latest possible one; the others lie `step` weeks
    apart before it. If there is none, the list is empty.
    """
    ### BEGIN SOLUTION
    return list(range(num_weeks - horizon, num_known - 1, -step))[::-1]
    ### END SOLUTION


# %% check="13.2" points=2
# Tried on short and long series, and on series that are too short.
check("13.2", origins)

# %% [markdown]
# ## Exercise 13.3: its own weeks, or those of others
#
# Now price and display. A *ridge regression* says how log sales answer to them. It can be fitted to the shop's own few
# weeks, or to many weeks of *other* shops, in other cities, and used as it is, without a single sale of the shop except
# its mean. The strength of the own ridge is chosen on the validation shops. Which has the smaller error with 8 weeks?

# %%
print(OTHERS)


# %% exercise="13.3-predict"
def my_others():
    """Return one of OTHERS."""
    ### BEGIN SOLUTION
    return "a ridge of its own"
    ### END SOLUTION


# %%
predict("13.3", my_others)

# %%
rows = {product: draw_weeks(each.train, num_known=(8, 16), without_last=UNUSED) for product, each in sets.items()}
pooled = {product: RidgeTowards(1.0).fit(*each) for product, each in rows.items()}
priors = {product: np.append(ridge.coef_, ridge.intercept_) for product, ridge in pooled.items()}
PENALTIES = (0.1, 1, 3, 10, 30, 100)


def ridges(cut, penalty, towards=None):
    """Return forecasts `(num_windows, 12)` of a ridge for each window, fitted to its own known weeks."""
    found = [RidgeTowards(penalty, towards).fit(*known) for known in zip(cut.known, cut.known_sales, strict=True)]
    return np.stack([ridge.predict(future) for ridge, future in zip(found, cut.future, strict=True)])


def all_weeks(model, cut):
    """Return forecasts `(num_windows, 12)` of one model for all windows."""
    return np.asarray(model(cut.future.reshape(-1, 4))).reshape(len(cut.future), 12)


def chosen(way, key, settings):
    """Return errors of a way on the shops to forecast, with the setting that is best on those to choose on."""
    setting = min(settings, key=lambda each: errors_of(way(choices[key], each), choices[key]).mean())
    return errors_of(way(windows[key], setting), windows[key]), setting


# %%
def shrunk_to(product):
    """Return a way to forecast: ridges that are shrunk to the coefficients of a product's training shops."""
    return lambda cut, penalty: ridges(cut, penalty, priors[product])


results, penalties = {}, {}
for key, cut in windows.items():
    product, other = key[0], "juice" if key[0] == "cheese" else "cheese"
    results["last value", key] = errors_of(repeat_last(cut.known_sales, 12), cut)
    results["own ridge", key], _ = chosen(ridges, key, PENALTIES)
    results["others' ridge", key] = errors_of(all_weeks(pooled[product].predict, cut), cut)
    results["shrunk to the others'", key], penalties[key] = chosen(shrunk_to(product), key, PENALTIES)
    results["shrunk to the other product's", key], _ = chosen(shrunk_to(other), key, PENALTIES)
by_ridge = dict(
    zip(OTHERS, (results["own ridge", ("cheese", 8)], results["others' ridge", ("cheese", 8)]), strict=True)
)


# %%
def table(ways, product):
    """Print the errors of some ways, and their difference to the shop's own ridge."""
    for known in (8, 16, 26):
        print(f"{product}, {known} weeks known")
        for way in ways:
            errors, own = results[way, (product, known)], results["own ridge", (product, known)]
            print(f"  {way:30} {errors.mean():.3f}   minus own ridge {told(errors, own)}")


# %% tags=["nbval-ignore-output"]
table(["last value", "own ridge", "others' ridge", "shrunk to the others'"], "cheese")
table(["own ridge", "others' ridge", "shrunk to the others'"], "juice")

# %%
gain = {key: paired_interval(results["shrunk to the others'", key], results["own ridge", key]) for key in windows}
assert max(gain["cheese", 8].high, gain["juice", 8].high) < 0
assert abs(gain["cheese", 26].mean) < abs(gain["cheese", 8].mean)
print("With 8 weeks, other shops know more about a shop than its own sales do, over both cheese and juice.")
print("The more weeks it has, the less there is to learn from others.")

# %% [markdown]
# Neither is the last word. The third way starts from the others and lets the own weeks move it: a ridge regression that
# is *shrunk* to the others' coefficients in place of zero. It costs one more vector. Write it.


# %% exercise="13.3"
def shrunk(features, sales, penalty, towards):
    """Return `(num_features,)`, the coefficients b with the least
    sum of (sales - features @ b)**2, plus penalty times the sum of (b - towards)**2.

    `features` is `(num_weeks, num_features)`, maybe fewer weeks than features, `sales` is `(num_weeks,)`, `towards` is
    `(num_features,)`. There is no intercept, and nothing is centred.
    """
    ### BEGIN SOLUTION
    square = features.T @ features + penalty * np.eye(features.shape[1])
    return towards + np.linalg.solve(square, features.T @ (sales - features @ towards))
    ### END SOLUTION


# %% check="13.3" points=3
# Tried with weak and strong penalties, few weeks, and with zeros for the others.
check("13.3", shrunk, by_ridge)

# %% [markdown]
# ## Exercise 13.4: an interval over shops
#
# With 8 weeks, how sure is the gain of the shrunk ridge over the own one? There are 30 shops x 4 origins x 12 weeks.
# The wrong way takes the 1440 weeks for independent. But weeks of one shop share its habits, and rolling origins even
# share weeks. How wide is the interval over 30 shops, compared with that over weeks?

# %%
print(SPREADS)


# %% exercise="13.4-predict"
def my_spread():
    """Return one of SPREADS."""
    ### BEGIN SOLUTION
    return "wider"
    ### END SOLUTION


# %%
predict("13.4", my_spread)

# %%
both = ridges(eight, penalties["cheese", 8], priors["cheese"]), ridges(eight, 0.1)
differences = abs(both[0] - eight.future_sales) - abs(both[1] - eight.future_sales)
spreads = {
    "over weeks": mean_interval(differences.ravel()),
    "over shops": mean_interval(mean_by_shop(differences, eight.shop)),
}
by_window = {name: (found.high - found.low) / 2 for name, found in spreads.items()}

# %% tags=["nbval-ignore-output"]
for name, found in spreads.items():
    print(f"{name}: {found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]")

# %%
assert by_window["over shops"] > 1.5 * by_window["over weeks"]
print("Over shops, the honest interval is more than one and a half times as wide.")


# %% exercise="13.4"
def over_shops(errors, baseline, shop):
    """Return `(mean, low, high)` of `errors - baseline`: the mean over shops, and Student's 95 % interval of it.

    `errors` and `baseline` are `(num_windows, num_weeks)`, absolute errors of two ways; `shop` is `(num_windows,)`, the
    number of each window's shop. Shops may have different numbers of windows, and each shop counts once.
    """
    ### BEGIN SOLUTION
    from scipy import stats

    gains = np.array([(errors - baseline)[shop == each].mean() for each in np.unique(shop)])
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return gains.mean(), gains.mean() - half, gains.mean() + half
    ### END SOLUTION


# %% check="13.4" points=2
# Tried on few and many shops, on hard and easy ones, and on forecasts that occur twice.
check("13.4", over_shops, by_window)

# %% [markdown]
# An interval over shops says what to expect of *another shop* in these weeks. About other years it says nothing.
#
# ## Exercise 13.5: the future in other shops
#
# A colleague improves the forecasts of juice: "In each week, I add by how much the *other* stores of the chain sold
# more than their forecasts." No sale of the store itself is used, and train and test stores are apart. By how much does
# this reduce the error, with 16 weeks known?

# %%
print(LEAKS)


# %% exercise="13.5-predict"
def my_leak():
    """Return one of LEAKS."""
    ### BEGIN SOLUTION
    return "5 to 15 %"
    ### END SOLUTION


# %%
predict("13.5", my_leak)

# %%
key = ("juice", 16)
taught = cut_windows(sets["juice"].train, 16, before_end=range(0, 40, 4))
surprise = taught.future_sales - all_weeks(pooled["juice"].predict, taught)
shocks = np.zeros(sets["juice"].train["sales"].shape[1])
for week in np.unique(taught.weeks):
    shocks[week] = surprise[taught.weeks == week].mean()
plain = ridges(windows[key], penalties[key], priors["juice"])
leaked = {
    "honest": errors_of(plain, windows[key]),
    "leaking": errors_of(plain + shocks[windows[key].weeks], windows[key]),
}

# %% tags=["nbval-ignore-output"]
print(f"honest {leaked['honest'].mean():.3f}, with the other stores' week {leaked['leaking'].mean():.3f}:", end=" ")
print(told(leaked["leaking"], leaked["honest"]))

# %%
assert paired_interval(leaked["leaking"], leaked["honest"]).high < 0
print("The stores of a chain share promotions and weather: what others sold in that week is a week of the future.")

# %% [markdown]
# A gain that nobody can have: next week's sales are unknown in *all* stores. So all sources here end 24 weeks before a
# shop's last: before the first week that is forecast. (The rows of `cheese` have no dates, so we can only count back
# from each retailer's last week; its retailers are in other cities.) The same care belongs in your code.


# %% exercise="13.5"
def allowed(windows, target, origin):
    """Return a list of the places of those windows that may teach a forecast, as `[0, 3]`.

    `windows` is a list of dictionaries with the keys `"shop"`, `"first"` and `"last"`, numbers of a shop and of its
    first and last week, both of which belong to the window. The forecast is for the shop `target`, whose
    own windows are its known weeks and no source: they are left out. `origin` is the first week that is asked for.
    Weeks are counted alike in all shops.
    """
    ### BEGIN SOLUTION
    return [place for place, each in enumerate(windows) if each["shop"] != target and each["last"] < origin]
    ### END SOLUTION


# %% check="13.5" points=2
# Tried on windows of the past, of the future, across the origin, and of the shop itself.
check("13.5", allowed, leaked)

# %% [markdown]
# ## Exercise 13.6: a network of all other shops
#
# A network may see what a line does not: that a deep cut sells more than twice a small one. There are two ways to
# come to a source model, and we follow both with the same shops to forecast:
#
# - *Develop one*: train a network on the other shops' weeks, here, with three seeds.
# - *Take one*: `load_network("shops")`, which someone trained on the same 43 retailers. Its card says so, and also
#   that it saw all their weeks, which we cannot undo.
#
# Each is used as it is (*zero-shot*), with its last layer tuned to the shop's known weeks (*head*), or tuned whole. A
# network *from scratch* sees the known weeks alone. Steps and rate are chosen on the validation shops for each way.
# With 16 weeks of cheese, which is best?

# %%
print(BEST)


# %% exercise="13.6-predict"
def my_best():
    """Return one of BEST."""
    ### BEGIN SOLUTION
    return "the tuned network of the others"
    ### END SOLUTION


# %%
predict("13.6", my_best)


# %%
def glorot(shape, rng):
    """Return the weights that a layer starts from, as Keras draws them: biases are 0."""
    return rng.uniform(-1, 1, shape) * np.sqrt(6 / sum(shape)) if len(shape) == 2 else np.zeros(shape)


def new_network(seed, num_outputs=1, loss=None):
    """Return a network of two hidden layers, compiled."""
    model = build_shops()
    if num_outputs > 1:
        quantiles = keras.layers.Dense(num_outputs, name="quantiles")(model.layers[-2].output)
        model = keras.Model(model.input, quantiles)
    rng = np.random.default_rng(seed)
    model.set_weights([glorot(each.shape, rng) for each in model.weights])
    model.compile(keras.optimizers.Adam(2e-3), loss or keras.losses.Huber(0.5))
    return model


# %%
developed = {}
for product, (features, sales) in rows.items():
    developed[product] = [new_network(seed) for seed in range(NUM_SEEDS)]
    data = [(features, sales[:, None])] * NUM_SEEDS
    fit_together(developed[product], data, seeds=range(NUM_SEEDS), epochs=8, batch_size=128)
fresh = [new_network(100 + seed) for seed in range(NUM_SEEDS)]


# %%
def tuned(networks, layers=None):
    """Return a way to forecast: the networks tuned to each window, `(num_networks, num_windows, 12)`."""

    def forecast(cut, setting):
        steps, rate = setting
        models = [model for model in networks for _ in cut.shop]
        known, sales = (np.concatenate([part] * len(networks)) for part in (cut.known, cut.known_sales))
        copies = tune_each(models, known, sales, steps=steps, learning_rate=rate, layers=layers)
        said = copies.predict(np.concatenate([cut.future] * len(networks)))
        return said.reshape(len(networks), len(cut.shop), 12)

    return forecast


def mean_error(forecast):
    """Return a way whose error is the mean over its networks."""
    return lambda cut, setting: np.mean([errors_of(said, cut) for said in forecast(cut, setting)], axis=0)


def chosen_network(forecast, key, settings):
    """Return the errors with the setting that is best on the shops to choose on."""
    error = mean_error(forecast)
    setting = min(settings, key=lambda each: error(choices[key], each).mean())
    return error(windows[key], setting)


# %%
def zero_shot(networks, key):
    """Return the errors of networks as they are, the mean over the networks."""
    return np.mean([errors_of(all_weeks(each, windows[key]), windows[key]) for each in networks], axis=0)


TUNE, SCRATCH = ((10, 1e-3), (50, 1e-3), (50, 5e-3)), ((30, 1e-2), (100, 1e-2))
for key in windows:
    product, other = key[0], "juice" if key[0] == "cheese" else "cheese"
    results["network, zero-shot", key] = zero_shot(developed[product], key)
    results["network, head", key] = chosen_network(tuned(developed[product], ["sales"]), key, TUNE)
    results["network, tuned", key] = chosen_network(tuned(developed[product]), key, TUNE)
    results["network from scratch", key] = chosen_network(tuned(fresh), key, SCRATCH)
    results["the other product's network", key] = zero_shot(developed[other], key)
    if product == "cheese":
        results["network taken, zero-shot", key] = zero_shot([load_network("shops")], key)

# %% tags=["nbval-ignore-output"]
NETWORKS = ["network from scratch", "network, zero-shot", "network, head", "network, tuned"]
table(["own ridge", "shrunk to the others'", "network taken, zero-shot", *NETWORKS], "cheese")
table(["own ridge", "shrunk to the others'", *NETWORKS], "juice")

# %%
best_ways = ("shrunk to the others'", "network, tuned", "network from scratch")
by_way = {name: results[way, ("cheese", 16)] for name, way in zip(BEST, best_ways, strict=True)}

# %% tags=["nbval-ignore-output"]
print("each network minus the shrunk ridge")
for key in windows:
    against = [f"{way} {told(results[way, key], results[best_ways[0], key])}" for way in NETWORKS[1:]]
    print(f"  {key[0]}, {key[1]} weeks:", "; ".join(against))

# %%
for product in sets:
    key = (product, 8)
    assert results["network from scratch", key].mean() > results["network, zero-shot", key].mean() + 0.03
for known in (16, 26):
    key = ("cheese", known)
    assert results["network taken, zero-shot", key].mean() > results["shrunk to the others'", key].mean()
print("With 8 weeks, a network from scratch is far worse than the same network of other shops, untuned.")
print("Among retailers, with 16 weeks or more, the network that was taken loses to the shrunk ridge.")

# %% [markdown]
# Read the last table before you believe either side. Among many retailers, no network is clearly below the shrunk
# ridge, and from 16 weeks on the untuned ones are above it: five numbers that are pulled to the right place do as well
# as 745. In the one chain, whose stores are alike, the *tuned* network is a little better, most clearly with 16 weeks.
# Nothing of this could be known without the simple way among the contestants.
#
# The last one is another product's network: it learned from juice, and forecasts cheese, or the other way round.

# %% tags=["nbval-ignore-output"]
for product in sets:
    table(["own ridge", "the other product's network", "shrunk to the other product's"], product)

# %%
harm = paired_interval(results["the other product's network", ("cheese", 26)], results["own ridge", ("cheese", 26)])
assert harm.low > 0
cured = results["shrunk to the other product's", ("cheese", 26)]
assert cured.mean() < results["the other product's network", ("cheese", 26)].mean()
print("With 26 weeks, the network of another product does harm: its own ridge is better. Shrinking repairs the harm.")

# %% [markdown]
# Would a closer look at the *shops* help? For each shop, we take the ten training shops whose ridge is most like its
# own, by its known weeks only, the ten least alike, or any ten.

# %%
train = sets["cheese"].train
long = [row for row in range(len(train)) if train["known"][row].sum() >= UNUSED + 28]
options = {"per_shop": 6, "num_known": (8, 16), "without_last": UNUSED}
pieces = [draw_weeks(train.select(np.array([row])), **options) for row in long]
traits = np.array([RidgeTowards(1.0).fit(*each).coef_[:2] for each in pieces])


def from_ten(key, order):
    """Return errors where each window learns from ten shops: `order` sorts them by their distance from its ridge."""
    cut, said = windows[key], []
    for known, sales, future in zip(cut.known, cut.known_sales, cut.future, strict=True):
        own = RidgeTowards(1.0).fit(known, sales).coef_[:2]
        ten = order(((traits - own) ** 2).sum(axis=1))[:10]
        ridge = RidgeTowards(1.0).fit(*(np.concatenate([pieces[row][part] for row in ten]) for part in (0, 1)))
        said.append(ridge.predict(future))
    return errors_of(np.stack(said), cut)


rng = np.random.default_rng(0)
orders = {"alike": np.argsort, "unlike": lambda far: np.argsort(-far), "any": lambda far: rng.permutation(len(far))}
likeness = {(name, known): from_ten(("cheese", known), order) for name, order in orders.items() for known in (8, 26)}

# %% tags=["nbval-ignore-output"]
for (name, known), errors in likeness.items():
    own = results["own ridge", ("cheese", known)]
    print(f"{known:2} weeks, ten {name:7} {errors.mean():.3f}   minus own ridge {told(errors, own)}", end="")
    print(f"   minus any ten {told(errors, likeness['any', known])}")

# %%
assert paired_interval(likeness["unlike", 26], likeness["any", 26]).low > 0
print("Ten shops unlike it are a worse source than any ten: avoid those. The gain from alike ones is smaller.")

# %% [markdown]
# So far, the forecasts were single numbers. A shop that orders wants to know how much could be asked for. A network can
# say a *quantile* if it learns with the *pinball loss*: for the 90 % quantile, a forecast that is too low costs nine
# times as much as one that is too high.


# %% exercise="13.6"
def pinball(sales, said, level):
    """Return the mean pinball loss, one number.

    `sales` and `said` are `(num_weeks,)`; `said` are forecasts of the quantile `level`, in (0, 1). A forecast that is
    too low costs `level` times what is missing, one that is too high costs `1 - level` times what is too much.
    """
    ### BEGIN SOLUTION
    missing = sales - said
    return np.mean(np.maximum(level * missing, (level - 1) * missing))
    ### END SOLUTION


# %% check="13.6" points=2
# Tried with low and high levels, forecasts on one side, and in small and large units.
check("13.6", pinball, by_way)

# %% [markdown]
# ## Exercise 13.7: bands that keep their promise
#
# A band of 80 % should hold four in five of the weeks to come. The wrong way first: the shrunk ridge has errors on its
# own 8 known weeks; we take a band that holds 80 % of *these*. What share of the future does it hold?

# %%
print(BANDS)


# %% exercise="13.7-predict"
def my_band():
    """Return one of BANDS."""
    ### BEGIN SOLUTION
    return "70 to 90 %"
    ### END SOLUTION


# %%
predict("13.7", my_band)


# %%
def fitted_errors(key, cut):
    """Return errors on the known weeks themselves, `(num_windows, num_known)`, of the shrunk ridge."""
    same = cut._replace(future=cut.known)
    return ridges(same, penalties[key], priors[key[0]]) - cut.known_sales


def spread_of(key, cut):
    """Return `(num_windows, 1)`: how far off the fit is on the known weeks of each window, at least 0.05."""
    return np.maximum(0.05, abs(fitted_errors(key, cut)).mean(axis=1, keepdims=True))


def held_by(key, cut, half):
    """Return `(num_shops,)`: the share of weeks that lie in a band around the shrunk ridge."""
    said = ridges(cut, penalties[key], priors[key[0]])
    return mean_by_shop(coverage(cut.future_sales, said - half, said + half), cut.shop)


# %% tags=["nbval-ignore-output"]
bands = {}
for known in (8, 16, 26):
    key = ("cheese", known)
    others = choices[key]
    missed = (ridges(others, penalties[key], priors["cheese"]) - others.future_sales) / spread_of(key, others)
    own = np.array([[band_from_others(errors, 0.8)] for errors in fitted_errors(key, windows[key])])
    halves = {"own errors": own, "others' errors": band_from_others(missed, 0.8) * spread_of(key, windows[key])}
    bands[known] = {name: held_by(key, windows[key], half) for name, half in halves.items()}
    print(f"{known} weeks:", "; ".join(f"{name} {mean_interval(held)}" for name, held in bands[known].items()))
covered = bands[8]

# %%
assert covered["own errors"].mean() < 0.72
assert 0.75 < covered["others' errors"].mean() < 0.85
print("Errors of weeks that were fitted promise too much. Bands from other shops' forecasts hold about 80 %.")

# %% [markdown]
# The second band asks the *validation* shops, to which nothing was fitted: by how many times its own spread was each
# of their forecasts wrong? It then takes that many times the spread of the new shop. That is *conformal prediction*. It
# needs no bell curve; it needs shops that might as well change places. (Where it says "seeds", these are shops.)
#
# The other way is a network for the 10, 50 and 90 % quantiles, trained on all other shops with the pinball loss:

# %% tags=["nbval-ignore-output"]
for product, (features, sales) in rows.items():
    network = new_network(0, 3, PinballLoss([0.1, 0.5, 0.9]))
    network.fit(features, sales[:, None], epochs=8, batch_size=128, verbose=0)
    for when, ends in (("the weeks to forecast", AHEAD), ("earlier weeks", range(UNUSED, UNUSED + 9, 4))):
        cut = cut_windows(shops[product], 8, before_end=ends)
        said = np.asarray(network(cut.future.reshape(-1, 4))).reshape(-1, 12, 3)
        held = mean_by_shop(coverage(cut.future_sales, said[..., 0], said[..., 2]), cut.shop)
        print(f"{product}, {when}: the network's band of 80 % holds", mean_interval(held))

# %% [markdown]
# Compare the lines. Where the weeks to forecast are like those it learned from, the network's band holds about what it
# promises. It cannot know whether they will be. So measure coverage on *later* weeks, and on other shops, always.


# %% exercise="13.7"
def half_width(errors, share):
    """Return half the width of a band that holds a share of new values, one number.

    `errors` is `(n,)`, forecast minus truth of other shops' weeks. With these n and the one that is to come, it is the
    size (without sign) of rank `ceil((n + 1) * share)`, the smallest has rank 1; `np.inf` if that rank is above n.
    """
    ### BEGIN SOLUTION
    rank = int(np.ceil(round((len(errors) + 1) * share, 9)))
    return np.sort(np.abs(errors))[rank - 1] if rank <= len(errors) else np.inf
    ### END SOLUTION


# %% check="13.7" points=2
# Tried with few and many errors, on one side and on both, and with several shares.
check("13.7", half_width, covered)

# %% [markdown]
# ## See it: plan the coming weeks
#
# This is one retailer, with the forecast of the ridge shrunk to the others' and its band of 80 %. **Drag the price**,
# or give the slider the focus and press the arrow keys. Choose weeks 5 to 8 with the first slider, then put them on
# display. Which price brings the most dollars? Do you believe it as far out as the slider goes?

# %%
ROW, KNOWN = 6, 16
key, split = ("cheese", KNOWN), shops["cheese"]
one = shop_window(split, ROW, KNOWN)
there = np.flatnonzero(split["known"][ROW])[-KNOWN - 12 :]
history = {name: split[name][ROW, there].astype(float) for name in ("price", "display")}
ridge = RidgeTowards(penalties[key], priors["cheese"]).fit(one.known, one.known_sales)
others = choices[key]
missed = (ridges(others, penalties[key], priors["cheese"]) - others.future_sales) / spread_of(key, others)
half = band_from_others(missed, 0.8) * max(0.05, abs(ridge.predict(one.known) - one.known_sales).mean())


def planned(price, display):
    """Return the lower end, the middle and the upper end of the units sold, for prices in dollars and displays."""
    log_price = np.append(history["price"][:KNOWN], np.log(price))
    shares = np.append(history["display"][:KNOWN], display)
    weeks = np.column_stack([4 * (each - each[:KNOWN].mean()) for each in (log_price, shares)])
    features = np.column_stack([weeks[KNOWN:], weeks[KNOWN - 1 : -1]])
    middle = ridge.predict(features) + one.level
    return np.exp(middle - half), np.exp(middle), np.exp(middle + half)


board = PlanBoard(
    np.exp(one.known_sales + one.level),
    planned,
    price=np.exp(history["price"][KNOWN:]),
    display=np.clip(history["display"][KNOWN:], 0, 1),
)
board

# %%
before = sum(board.middle)
board.change(price=0.8 * min(board.price), weeks=(1, 12))
assert sum(board.middle) > before
board.reset()
assert abs(sum(board.middle) - before) < 1e-6 * before
print("At a lower price, more is forecast; then the plan is as it was.")

# %% [markdown]
# The prices were set by people who expected something. A regression on them says what *went along with* a price, and
# beyond the prices that occurred it only extends a line.
#
# ## Exercise 13.8: after a change
#
# Now a competitor opens next door. We plant that into the real series: in the last four of 16 known weeks, and in all
# weeks to come, each shop sells a third less (0.4 less in log sales). Everything else stays; the bands of 80 % come
# from the validation shops, as in exercise 13.7, where nothing changed. What share do they hold now?

# %%
print(CHANGED)


# %% exercise="13.8-predict"
def my_change():
    """Return one of CHANGED."""
    ### BEGIN SOLUTION
    return "below 60 %"
    ### END SOLUTION


# %%
predict("13.8", my_change)


# %%
def after_a_change(cut, drop, weeks=4):
    """Return windows in which sales fell by `drop` in the last known weeks and stay there."""
    sales = cut.known_sales.copy()
    sales[:, -weeks:] -= drop
    level = sales.mean(axis=1, keepdims=True)
    return cut._replace(known_sales=sales - level, future_sales=cut.future_sales - drop - level)


def with_new_level(key, cut, half_life):
    """Return the shrunk ridge's forecasts plus the level of what it missed in the known weeks, where old weeks fade."""
    missed = -fitted_errors(key, cut)
    level = np.average(missed, axis=1, weights=forget(missed.shape[1], half_life))
    return ridges(cut, penalties[key], priors[key[0]]) + level[:, None]


# %%
key = ("cheese", 16)
regimes = {}
for name, half_life in (("all weeks alike", np.inf), ("old weeks fade", 2.0)):
    missed = with_new_level(key, choices[key], half_life) - choices[key].future_sales
    times = band_from_others(missed / spread_of(key, choices[key]), 0.8)
    for drop in (0.0, 0.4):
        cut = after_a_change(windows[key], drop)
        said, width = with_new_level(key, cut, half_life), times * spread_of(key, cut)
        held = mean_by_shop(coverage(cut.future_sales, said - width, said + width), cut.shop)
        regimes[name, drop] = errors_of(said, cut), held
changed = {name: held for (name, drop), (_, held) in regimes.items() if drop}

# %% tags=["nbval-ignore-output"]
for (name, drop), (errors, held) in regimes.items():
    print(f"{name}, {'a change' if drop else 'no change'}: error {errors.mean():.3f}, held {held.mean():.0%}")
repair = paired_interval(regimes["old weeks fade", 0.4][0], regimes["all weeks alike", 0.4][0])
cost = paired_interval(regimes["old weeks fade", 0.0][0], regimes["all weeks alike", 0.0][0])
print(f"fading after a change {repair.mean:+.3f} [{repair.low:+.3f}, {repair.high:+.3f}]")
print(f"fading without one    {cost.mean:+.3f} [{cost.low:+.3f}, {cost.high:+.3f}]")

# %%
assert changed["all weeks alike"].mean() < regimes["all weeks alike", 0.0][1].mean() - 0.05
assert repair.high < 0
print("A band holds only while the future is like the past. Where old weeks fade, the new level is found sooner.")

# %% [markdown]
# The change itself widens the bands, since the shop's own weeks now disagree; that alone does not save them, because
# they lie around the wrong level. No other shop could know of that competitor; only the shop's own last weeks do. Where
# nothing changed, fading cost nothing here that we could measure; with fewer weeks known, or a shorter half-life, it
# may. A half-life is a setting like any other, and is chosen on the validation shops.


# %% exercise="13.8"
def level(sales, half_life):
    """Return the weighted mean of `sales`, one number, in which old weeks fade.

    `sales` is `(num_known,)`, the latest week last. A week counts half as much as one that is `half_life` weeks
    younger. `half_life` is above 0 and may be infinite.
    """
    ### BEGIN SOLUTION
    age = np.arange(len(sales))[::-1]
    return np.average(sales, weights=0.5 ** (age / half_life))
    ### END SOLUTION


# %% check="13.8" points=2
# Tried with short, long and infinite half-lives, after a change, and in small and large units.
check("13.8", level, changed)

# %% [markdown]
# ## On your own data
#
# Name a table with one line for each series and time, as `shop,date,sales,price`. Are your series forecast better by a
# ridge shrunk to the other series than by one of their own?

# %% tags=["nbval-ignore-output"]
MY_TABLE, MY_COLUMNS = "", {"value": "sales", "series": "shop", "covariates": ["price"]}  # for example "sales.csv"
series = None
try:
    series = series_from_csv(MY_TABLE, **MY_COLUMNS, by="series") if MY_TABLE else None
except (OSError, ValueError) as error:
    print(f"This table cannot be used: {error}")
if series is None:
    print("No table yet: this part waits until you have one.")


# %%
def relative(split, row, known, ahead, covariates):
    """Return features and values of the last weeks of a series, both minus their means in the known weeks."""
    there = np.flatnonzero(split["known"][row])[-known - ahead :]
    values, features = split["value"][row, there], np.column_stack([split[name][row, there] for name in covariates])
    return features - features[:known].mean(axis=0), values - values[:known].mean()


def enough(split, number):
    """Return the rows of series with at least `number` times."""
    return [row for row in range(len(split)) if split["known"][row].sum() >= number]


# %%
def judge_own(train, test, known=8, ahead=4):
    """Print the errors of an own ridge and of one shrunk to the other series, over the series in the test."""
    names, sources, targets = MY_COLUMNS["covariates"], enough(train, known + ahead), enough(test, known + ahead)
    if len(sources) < 2 or len(targets) < 2 or not names:
        print(f"This needs a covariate, and two series of {known + ahead} times to learn from and to forecast.")
        return
    parts = [relative(train, row, known, ahead, names) for row in sources]
    others = RidgeTowards(1.0).fit(*(np.concatenate(each) for each in zip(*parts, strict=True)))
    ways = {"own ridge": None, "shrunk to the others'": np.append(others.coef_, others.intercept_)}
    errors = {way: [] for way in ways}
    for row in targets:
        features, values = relative(test, row, known, ahead, names)
        for way, towards in ways.items():
            ridge = RidgeTowards(3.0, towards).fit(features[:known], values[:known])
            errors[way].append(abs(ridge.predict(features[known:]) - values[known:]).mean())
    for way, found in errors.items():
        print(f"{way:22} {np.mean(found):.3g}")
    print("difference:", paired_interval(errors["shrunk to the others'"], errors["own ridge"], percent=False))


if series is not None:
    judge_own(series.train, series.test.open("my own series"))

# %% [markdown]
# ## What we saw
#
# - One shop can learn from another: with 8 weeks, other shops' ridge beats its own. With 26, little is left to gain.
# - A network of other shops beats one from scratch, but among retailers it does not beat a ridge that is shrunk to the
#   others'. In one chain of alike stores, tuning it pays a little. Another product's network does harm.
# - Intervals go over shops, origins roll, and no source may know the weeks to be forecast, in any shop.
# - A band holds what it promises if it was measured on later weeks of other shops, and until something changes.
#
# Write down what you believe now, in one sentence each. The card shows it next to what you predicted and measured.


# %% exercise="13.8-believe"
def my_beliefs():
    """Return `{"13.1": ..., "13.3": ..., "13.4": ..., "13.5": ..., "13.6": ..., "13.7": ..., "13.8": ...}`."""
    ### BEGIN SOLUTION
    return {
        "13.1": "A mean of few weeks is harder to beat than the last value.",
        "13.3": "A new shop should start from what others know.",
        "13.4": "A shop is one observation, however many weeks it has.",
        "13.5": "Another shop's next week is the future, too.",
        "13.6": "I let the simple way compete before I train a network.",
        "13.7": "A band is measured on weeks to which nothing was fitted.",
        "13.8": "After a change, only the last weeks know.",
    }
    ### END SOLUTION


# %% tags=["nbval-ignore-output"]
measured = {
    "13.1": ", ".join(f"{name} {errors.mean():.3f}" for name, errors in naive.items()),
    "13.3": ", ".join(f"{name} {errors.mean():.3f}" for name, errors in by_ridge.items()),
    "13.4": f"{by_window['over shops'] / by_window['over weeks']:.1f} times as wide",
    "13.5": f"{1 - leaked['leaking'].mean() / leaked['honest'].mean():.0%} smaller",
    "13.6": ", ".join(f"{name} {errors.mean():.3f}" for name, errors in by_way.items()),
    "13.7": ", ".join(f"{name} {held.mean():.0%}" for name, held in covered.items()),
    "13.8": ", ".join(f"{name} {held.mean():.0%}" for name, held in changed.items()),
}
lesson_card(13, measured=measured, believed=my_beliefs)

# %% tags=["nbval-ignore-output"]
progress(13)

# %% [markdown]
# ## In your own words
#
# **A chain opens a shop and has a network of its other shops. What would you compare it with, and which of your figures
# says so?** Double-click the next cell, and replace its text with two or three sentences. No check can read them: in a
# course, a person does, and their points are counted separately.

# %% [markdown] essay="13.9" points=2
# I would compare it with a ridge that is shrunk to the other shops' coefficients, from rolling origins, with sources
# that end before the weeks to be forecast. Among retailers no network was clearly better than that (13.6), while the
# gain of the shrunk ridge over an own one at 8 weeks had its whole interval, over shops, below 0 (13.3). In one chain
# the tuned network may be a little better, so I would try it there; and I would measure the coverage of its bands.

# %% [markdown]
# ## References
#
# - Hyndman and Athanasopoulos, [Forecasting: principles and practice](https://otexts.com/fpp3/), 3rd edition
# - Tashman (2000), [Out-of-sample tests of forecasting accuracy](https://doi.org/10.1016/S0169-2070(00)00065-0)
# - Boatwright, McCulloch and Rossi (1999), [Account-level modeling for trade
#   promotion](https://doi.org/10.1080/01621459.1999.10473867): the data of cheese
# - Koenker and Bassett (1978), [Regression quantiles](https://doi.org/10.2307/1913643)
# - Lei et al. (2018), [Distribution-free predictive inference for regression](https://arxiv.org/abs/1604.04173)
# - Montero-Manso and Hyndman (2021), [Principles and algorithms for forecasting groups of time
#   series](https://arxiv.org/abs/2008.00444)
