"""What a training could leave behind, as something that compares."""

import random

import keras
import numpy as np


def trace(model):
    """All that a training could leave behind, as one list that compares."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    things = [*model._flatten_layers(), model.optimizer, optimizer, *model.metrics]
    attributes = [(key, id(value)) for thing in things for key, value in sorted(vars(thing).items())]
    lists = [
        [id(item) for item in value] for thing in things for value in vars(thing).values() if isinstance(value, list)
    ]
    counters = dict(keras.src.backend.common.global_state.get_global_attribute("object_name_uids"))
    randoms = random.getstate(), np.random.get_state()[1].tolist()
    flags = [variable.trainable for variable in model.variables]
    return [v.numpy().tobytes() for v in variables], attributes, lists, counters, randoms, flags
