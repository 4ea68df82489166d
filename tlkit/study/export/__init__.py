"""What a study leaves: a model that predicts the same everywhere, and all that it takes to make it again."""

from tlkit.study.export.write import SelfTestFailed, check_formats, export_study

__all__ = ["SelfTestFailed", "check_formats", "export_study"]
