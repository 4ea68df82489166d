"""The blocks that a person would draw, found in the graph of any model.

A place that a single tensor crosses is a natural cut. Between cuts are residual bodies, Inception modules or single
layers. Those with the same block name in Keras Applications belong together. If there are still too many, they are
grouped evenly within a stage; if there are too few, they are split by convolution.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import keras

from tlkit.freezing.graph import Step, crossings, kernel_layers, read_graph

__all__ = ["Block", "blocks"]

_FEWEST, _MOST = 10, 25
_PATTERNS = [  # how Keras Applications name the layers of a block, and what the block is called here
    (r"stage_\d+_block_\d+", "{0}"),  # ConvNeXt
    (r"downsampling_(?:layernorm|conv)_(\d+)", "downsampling_{1}"),
    (r"conv\d+_block\d+", "{0}"),  # ResNet, DenseNet
    (r"^pool\d+(?=_)", "{0}"),  # the transitions of DenseNet
    (r"block_?\d+(?:[a-z](?![a-z]))?(?:_\d+(?=_|$))?", "{0}"),  # MobileNetV2, EfficientNet, VGG, Xception
    (r"conv_(?:pad|dw|pw)_(\d+)", "block_{1}"),  # MobileNet
    (r"expanded_conv(?:_\d+)?", "{0}"),  # MobileNetV3
    (r"^mixed_?\d+[a-z]?$", "{0}"),  # Inception
    (r"^(?:normal|reduction|adjust|separable_conv)_.*?((?:stem_|reduce_)?\d+)$", "cell_{1}"),  # NASNet
    (r"^top(?=_)", "{0}"),
]


@dataclass(frozen=True, eq=False)
class Block:
    """Layers that are drawn, frozen and unfrozen together.

    Attributes:
        name: Unique in its model.
        layer_names: In the order of the data.
        num_parameters: Scalars, including BatchNorm's moving statistics.
        output_shape: The output shape of its last layer, with the batch.
        cut: Whether a single tensor continues from here, so that the model can be split after this block.
        layers: The layers themselves.
    """

    name: str
    layer_names: tuple[str, ...]
    num_parameters: int
    output_shape: tuple
    cut: bool
    layers: tuple[keras.Layer, ...] = field(repr=False)

    @property
    def state(self) -> str:
        """`"frozen"`, `"learning"` or `"partly"`, by the layers with weights other than BatchNorm."""
        weighted = [layer for layer in self.layers if layer.weights and not is_batchnorm(layer)]
        return state_of(weighted or [layer for layer in self.layers if layer.weights] or list(self.layers))

    @property
    def batchnorms(self) -> tuple[keras.Layer, ...]:
        """Its BatchNorm layers."""
        return tuple(layer for layer in self.layers if is_batchnorm(layer))


@dataclass
class _Group:
    name: str | None  # as the layers' names say, or None
    atoms: list[list[Step]]

    @property
    def steps(self) -> list[Step]:
        return list(itertools.chain.from_iterable(self.atoms))


def blocks(model: keras.Model) -> list[Block]:
    """Return the blocks of a model in the order of the data flow; every layer is in exactly one.

    This works with every model of Keras Applications and with your own functional and sequential models; nested models
    are opened.
    A classifier after the last feature map is a block of its own, `"head"`.

    Raises:
        ValueError: If the model is subclassed or not built.

    Example:
        >>> x = inputs = keras.Input((8, 8, 3))
        >>> for name in ("one", "two"):
        ...     x = keras.layers.Conv2D(4, 3, name=name)(x)
        >>> x = keras.layers.GlobalAveragePooling2D()(x)
        >>> [block.name for block in blocks(keras.Model(inputs, keras.layers.Dense(2)(x)))]
        ['one', 'two', 'head']
    """
    steps, outputs = read_graph(model)
    atoms = _split_after(steps, [count == 1 for count in crossings(steps, outputs)])
    body, head = _split_head(atoms)
    groups = _group_by_name([group for atom in body for group in _split_by_name(atom)])
    if len(groups) + bool(head) < _FEWEST:
        groups = [part for group in groups for part in _split_by_kernel(group)]
    elif groups and groups[0].name is None:
        groups[0].name = "stem"
    groups = _merge_evenly(groups, _MOST - bool(head)) + ([_Group("head", head)] if head else [])
    return _make_blocks(groups, outputs)


def is_batchnorm(layer: keras.Layer) -> bool:
    """Whether a layer keeps moving statistics of its batches."""
    return isinstance(layer, keras.layers.BatchNormalization)


def state_of(layers: list[keras.Layer]) -> str:
    """`"learning"` if all weights of the layers are trainable, `"frozen"` if none is, otherwise `"partly"`."""
    flags = set().union(*map(_flags, layers))
    return "partly" if len(flags) == 2 else "learning" if True in flags else "frozen"


def _flags(layer: keras.Layer) -> set[bool]:
    """Of its weights, each of which has a flag of its own, and which count only where the layer's own says so."""
    learnable = [variable for part in layer._flatten_layers() for variable in part._trainable_variables]
    return {layer.trainable and variable.trainable for variable in learnable} or {layer.trainable}


def _split_after(items: list, flags: list[bool]) -> list[list]:
    parts, part = [], []
    for item, flag in zip(items, flags, strict=True):
        part.append(item)
        if flag:
            parts.append(part)
            part = []
    return parts + ([part] if part else [])


def _split_head(atoms: list[list[Step]]) -> tuple[list, list]:
    """Split after the last feature map; a network without one ends in its last dense layer."""
    ends = [i for i, atom in enumerate(atoms) if len(atom[-1].shape) > 2]
    body = atoms[: ends[-1] + 1] if ends else []
    if not any(kernel_layers(atom) for atom in body):
        with_kernel = [i for i, atom in enumerate(atoms) if kernel_layers(atom)]
        body = atoms[: with_kernel[-1]] if len(with_kernel) > 1 else atoms
    return body, atoms[len(body) :]


def _key(step: Step) -> str | None:
    name = step.layer.name if step.layer is not None else ""
    for pattern, template in _PATTERNS:
        if match := re.search(pattern, name):
            return template.format(match[0], *match.groups())
    return None


def _split_by_name(atom: list[Step]) -> list[_Group]:
    """Take apart what no cut divides, such as NASNet, where each cell looks back at two: one group per name."""
    keys = [_key(step) for step in atom]
    names = list(dict.fromkeys(reversed([key for key in keys if key])))[::-1]  # by last appearance
    if len(names) < 2:
        return [_Group(names[0] if names else None, [atom])]
    keys = _fill_keys(atom, keys)
    groups = [_Group(name, [[step for step, key in zip(atom, keys, strict=True) if key == name]]) for name in names]
    return groups if _is_ordered([group.steps for group in groups]) else [_Group(None, [atom])]


def _fill_keys(atom: list[Step], keys: list[str | None]) -> list[str | None]:
    """Give a nameless step the key of a step that uses it, or otherwise of the steps before."""
    keys, used_by = list(keys), {}
    for i in reversed(range(len(atom))):
        keys[i] = keys[i] or next((used_by[t] for t in atom[i].outputs if used_by.get(t)), None)
        used_by |= dict.fromkeys(atom[i].inputs, keys[i])
    filled = itertools.accumulate(keys, lambda before, key: key or before)
    return list(filled)


def _is_ordered(parts: list[list[Step]]) -> bool:
    """Whether every step comes after those that it needs, in this order of parts."""
    steps = list(itertools.chain.from_iterable(parts))
    here, seen = {t for step in steps for t in step.outputs}, set()
    for step in steps:
        if any(t in here and t not in seen for t in step.inputs):
            return False
        seen.update(step.outputs)
    return True


def _group_by_name(groups: list[_Group]) -> list[_Group]:
    """Join neighbours of one name; what has no kernel goes with what is before it, at the start with what follows."""
    joined: list[_Group] = []
    for group in groups:
        new = joined and group.name != joined[-1].name and (group.name or kernel_layers(group.steps))
        if new or not joined:
            joined.append(_Group(group.name, list(group.atoms)))
        else:
            joined[-1].atoms += group.atoms
    return _absorb(joined)


def _absorb(groups: list[_Group]) -> list[_Group]:
    kept: list[_Group] = []
    for group in groups:
        if kept and (not kernel_layers(group.steps) or not kernel_layers(kept[-1].steps)):
            name = kept[-1].name if kernel_layers(kept[-1].steps) else group.name
            kept[-1] = _Group(name, kept[-1].atoms + group.atoms)
        else:
            kept.append(group)
    return kept


def _split_by_kernel(group: _Group) -> list[_Group]:
    """One part for each atom with a kernel, named after its first kernel layer unless it keeps the group's name."""
    parts = _absorb([_Group(None, [atom]) for atom in group.atoms])
    for part in parts:
        kernels = kernel_layers(part.steps)
        part.name = group.name if len(parts) == 1 and group.name else kernels[0].name if kernels else "stem"
    return parts


def _merge_evenly(groups: list[_Group], most: int) -> list[_Group]:
    """Merge 2, 3, ... neighbours of a stage until there are at most `most`."""
    for group in groups:
        group.name = group.name or kernel_layers(group.steps)[0].name
    for stage in (_stage, lambda _: None):
        for size in range(1, len(groups) + 1):
            merged = _merge_runs(groups, stage, size)
            if len(merged) <= most:
                return merged
    return groups


def _merge_runs(groups: list[_Group], stage: Callable, size: int) -> list[_Group]:
    merged = []
    for _, run in itertools.groupby(groups, stage):
        run = list(run)
        num_parts = math.ceil(len(run) / size)
        bounds = [round(i * len(run) / num_parts) for i in range(num_parts + 1)]
        merged += [_join(run[a:b]) for a, b in itertools.pairwise(bounds)]
    return merged


def _stage(group: _Group) -> tuple:
    """Name without its counter, and the size of the map."""
    return re.sub(r"(?<=\d)[a-z]$|_?\d+$", "", group.name or ""), group.steps[-1].shape[1:-1]


def _join(run: list[_Group]) -> _Group:
    if len(run) == 1:
        return run[0]
    counter = re.search(r"(?<=\d)[a-z]$|\d+$", run[-1].name or "")
    name = f"{run[0].name}-{counter[0] if counter else run[-1].name}"
    return _Group(name, [atom for group in run for atom in group.atoms])


def _make_blocks(groups: list[_Group], outputs: list[int]) -> list[Block]:
    counts = crossings([step for group in groups for step in group.steps], outputs)
    made, names, seen, end = [], set(), set(), 0
    for group in groups:
        end += len(group.steps)
        layers = list(dict.fromkeys(s.layer for s in group.steps if s.layer is not None and s.layer not in seen))
        seen.update(layers)
        name = next(n for n in _numbered(group.name) if n not in names)
        names.add(name)
        made.append(_make_block(name, layers, group.steps[-1].shape, counts[end - 1] == 1))
    return made


def _numbered(name: str):
    return itertools.chain([name], (f"{name}_{i}" for i in itertools.count(2)))


def _make_block(name: str, layers: list[keras.Layer], shape: tuple, cut: bool) -> Block:
    weights = {id(weight): math.prod(weight.shape) for layer in layers for weight in layer.weights}
    names = tuple(layer.name for layer in layers)
    return Block(name, names, sum(weights.values()), shape, cut, tuple(layers))
