"""The interactive parts of tlkit.

A widget `x` is `x.py` with `x.js` and `x.css` beside it, or a folder `x`: its `widget.py`, `widget.js` and `widget.css`
are the widget, and the rest belongs to it alone. What several widgets share is in `shared`.

Each is loaded when it is first asked for, so that `FeatureMap` does not wait for TensorFlow.
"""

import logging
import re
from importlib import import_module
from typing import TYPE_CHECKING

from tlkit_widgets.shared.figures import describe_figures

if TYPE_CHECKING:
    from tlkit_widgets.advice_board import AdviceBoard
    from tlkit_widgets.attention_board import AttentionBoard
    from tlkit_widgets.augmentation_preview import AugmentationPreview
    from tlkit_widgets.backbone_picker import BackbonePicker
    from tlkit_widgets.box_board import BoxBoard
    from tlkit_widgets.box_drawing import BoxDrawing
    from tlkit_widgets.confusion import Confusion
    from tlkit_widgets.feature_map import FeatureMap
    from tlkit_widgets.freeze_board import FreezeBoard
    from tlkit_widgets.gain_map import GainMap
    from tlkit_widgets.grad_cam import GradCam
    from tlkit_widgets.gradient_dial import GradientDial
    from tlkit_widgets.latency_front import LatencyFront
    from tlkit_widgets.live_curves import LiveCurves
    from tlkit_widgets.moons_board import MoonsBoard
    from tlkit_widgets.neighbour_board import NeighbourBoard
    from tlkit_widgets.plan_board import PlanBoard
    from tlkit_widgets.progress import Progress
    from tlkit_widgets.prototype_board import PrototypeBoard
    from tlkit_widgets.quiz_form import QuizForm
    from tlkit_widgets.spectrogram_board import SpectrogramBoard
    from tlkit_widgets.team_board import TeamBoard
    from tlkit_widgets.word_recorder import WordRecorder

# At its very first start it says on stderr that it builds a cache of fonts: a red box in the learner's notebook
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
describe_figures()

__all__ = [
    "AdviceBoard",
    "AttentionBoard",
    "AugmentationPreview",
    "BackbonePicker",
    "BoxBoard",
    "BoxDrawing",
    "Confusion",
    "FeatureMap",
    "FreezeBoard",
    "GainMap",
    "GradCam",
    "GradientDial",
    "LatencyFront",
    "LiveCurves",
    "MoonsBoard",
    "NeighbourBoard",
    "PlanBoard",
    "Progress",
    "PrototypeBoard",
    "QuizForm",
    "SpectrogramBoard",
    "TeamBoard",
    "WordRecorder",
]


def __getattr__(name: str):
    if name not in __all__:
        msg = f"module 'tlkit_widgets' has no attribute {name!r}. It has: {', '.join(__all__)}."
        raise AttributeError(msg)
    module = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()  # FeatureMap -> feature_map
    return getattr(import_module(f"tlkit_widgets.{module}"), name)


def __dir__() -> list[str]:
    return __all__
