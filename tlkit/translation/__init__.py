"""Names from language to language, letter by letter: teacher forcing, attention, fair tuning, scripts, and leaks."""

from tlkit.translation.attention import attention_maps, attention_over
from tlkit.translation.records import recorded
from tlkit.translation.scripts import move_script, swap_scripts
from tlkit.translation.teaching import masked_cross_entropy, shift_right, write_greedily
from tlkit.translation.tuning import NameTuner, epochs_for
from tlkit.translation.twins import find_twins, plain_name

__all__ = [
    "NameTuner",
    "attention_maps",
    "attention_over",
    "epochs_for",
    "find_twins",
    "masked_cross_entropy",
    "move_script",
    "plain_name",
    "recorded",
    "shift_right",
    "swap_scripts",
    "write_greedily",
]
