"""Which network to start from: scores that are computed before anything is trained, their costs, and a judge of scores.

- From the source's head: `leep`, `nce`. From features: `logme`, `h_score`, `probe_accuracy`. From images alone:
  `proxy_a_distance`, `squared_mmd`, which ask how far two domains are apart.
- `weighted_tau`, `regret` and `foretell` judge a score by what was measured later; `images_seen` says what it cost.
- `list_latencies` has accuracy, size and time of all Keras Applications, `list_catalogues` other places to look.
- `setting_of` names the setting of a task, and `advise` a way to go, its reason and the lesson that tests it.
"""

from tlkit.domains import proxy_a_distance, squared_mmd
from tlkit.selection.catalogues import Catalogue, list_catalogues
from tlkit.selection.latency import Latency, list_latencies, measure_latency
from tlkit.selection.log_evidence import logme
from tlkit.selection.ranking import foretell, images_seen, regret, taus_of_draws, weighted_tau
from tlkit.selection.separability import h_score, probe_accuracy, shrinkage_of
from tlkit.selection.source_heads import leep, nce
from tlkit.selection.ways_to_go import Advice, Task, TreeRow, advice_tree, advise, setting_of, tree_rows

__all__ = [
    "Advice",
    "Catalogue",
    "Latency",
    "Task",
    "TreeRow",
    "advice_tree",
    "advise",
    "foretell",
    "h_score",
    "images_seen",
    "leep",
    "list_catalogues",
    "list_latencies",
    "logme",
    "measure_latency",
    "nce",
    "probe_accuracy",
    "proxy_a_distance",
    "regret",
    "setting_of",
    "shrinkage_of",
    "squared_mmd",
    "taus_of_draws",
    "tree_rows",
    "weighted_tau",
]
