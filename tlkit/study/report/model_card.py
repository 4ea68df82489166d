"""The model card: what can be known from a study is written, what only its owner knows is asked for."""

from __future__ import annotations

from tlkit.study.study import Study

__all__ = ["model_card"]

_OUT_OF_SCOPE = (
    "Photos of anything else: the model always names one of its classes. Other cameras, places and seasons than those "
    "in the folder. Decisions about people."
)


def model_card(study: Study) -> list[tuple[str, str]]:
    """Pairs of heading and text, after Mitchell et al. (2019), "Model Cards for Model Reporting", arXiv:1810.03993."""
    names, num_photos = ", ".join(study.photos.class_names), len(study.photos)
    by_class, num_test = study.test.by_class, len(study.test.labels)
    pairs = zip(by_class.class_names, by_class.recall, strict=True)
    return [
        ("Model", f"{study.choice.contestant}, {study.choice.setting}; {study.model.count_params():,} parameters."),
        (
            "Intended use",
            f"To tell apart photos of {names}, taken as those here were. Write who uses it, and for what.",
        ),
        ("Out of scope", _OUT_OF_SCOPE),
        ("Factors", "Write what may change the photos: light, camera, place, season. `--group-by` keeps them apart."),
        ("Metrics", "Balanced accuracy for every choice; accuracy with Wilson's interval on the test."),
        ("Training data", f"{num_photos:,} photos of the folder; backbones: {', '.join(study.settings.backbones)}."),
        ("Evaluation data", f"{num_test:,} photos of the same folder, in no group with one that was learned from."),
        ("Recall of each class", ", ".join(f"{name} {value:.0%}" for name, value in pairs)),
        ("Ethical considerations", "Write whom an error harms, and how."),
        ("Caveats", "A test from the same folder says nothing about photos from elsewhere."),
    ]
