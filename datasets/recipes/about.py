"""What a measurement cannot tell of the sources: where their data come from, and why they are there."""

__all__ = ["DATA", "FILTERS", "IN_SHORT", "LICENCES", "PURPOSES"]

PURPOSES = {
    "photos": "The general source, and the default: natural photographs of many kinds.",
    "glyphs": "Printed characters: a source that is close to handwriting and far from photographs.",
    "colours": (
        "The source that ignores shape: its label is the hue of a blob, among grey blobs that mean nothing. For "
        "a target that is recognised by its shape, these are irrelevant features."
    ),
    "opposed": (
        "Printed characters, labelled by their font: what a reader must ignore. One character is torn into four "
        "classes, and all characters of a font are one. It looks close to handwriting, and its own accuracy looks fine."
    ),
    "random": "The control: the same network, untrained. What it can do, pre-training has not done.",
}
IN_SHORT = {
    "photos": "photographs (Tiny ImageNet)",
    "glyphs": "printed characters",
    "colours": "hues of blobs; ignores shape",
    "opposed": "printed characters by their font; ignores which",
    "folder": "your own photos",
}
_DRAWN = "Apache-2.0, like this kit"
DATA = {
    "photos": (
        "[Tiny ImageNet](http://cs231n.stanford.edu/tiny-imagenet-200.zip), photos of 64 x 64 pixels in 200 classes of "
        "ImageNet. The images are not in this repository."
    ),
    "glyphs": (
        "57 characters, drawn by `tlkit.data.make_glyphs`; half of the training images are plain, light ink on dark "
        "paper, and half of these coarse, down to 8 x 8 pixels."
    ),
    "colours": (
        "12 hues, drawn by `datasets/recipes/procedural.py`: five blobs of random shape and position per image, one of "
        "them coloured."
    ),
    "opposed": (
        "57 characters in 4 fonts, drawn by `tlkit.data.make_glyphs`; half of the training images are plain. Training "
        "and validation images differ in place, size, angle and colours, not in fonts."
    ),
    "folder": "a folder of your own photos.",
}
LICENCES = {
    "photos": (
        "ImageNet's terms allow non-commercial research and education: use these weights, made from its photos, for "
        "teaching and research."
    ),
    "glyphs": f"{_DRAWN}; the fonts that come with matplotlib may be used freely, and are not in the file.",
    "colours": f"{_DRAWN}; everything is drawn.",
    "opposed": f"{_DRAWN}; the fonts that come with matplotlib may be used freely, and are not in the file.",
    "folder": "that of your photos.",
}
_NOISE = "To the eye they are noise, like those of `random`."
FILTERS = {  # what a person sees in the pictures
    "photos": "Some are smooth, of one colour or with an edge, where those of `random` are noise.",
    "glyphs": _NOISE,
    "colours": _NOISE,
    "opposed": _NOISE,
    "random": "Noise, as it was drawn.",
}
