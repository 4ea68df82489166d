"""The languages of the kit: which there are, which one is spoken, and words in it.

Code, data, records and grades are English in every language. What a learner reads is translated where it is shown.
"""

from tlkit.languages.catalogues import page_words, translate
from tlkit.languages.choice import ENGLISH, VARIABLE, check_language, language, language_name, list_languages

__all__ = [
    "ENGLISH",
    "VARIABLE",
    "check_language",
    "language",
    "language_name",
    "list_languages",
    "page_words",
    "translate",
]
