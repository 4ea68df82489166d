"""tlkit: an interactive teaching kit for transfer learning, on Keras 3.

Importing this package loads neither TensorFlow nor Keras; its modules do, when they are imported.
"""

import logging

# What libraries say that Jupyter would show to a learner who can do nothing about it.
_UNHELPFUL = {"matplotlib.font_manager": "building the font cache", "tensorflow": "triggered tf.function retracing"}
for _name, _text in _UNHELPFUL.items():
    logging.getLogger(_name).addFilter(lambda record, text=_text: text not in record.getMessage())

__version__ = "0.1.0"
__all__ = ["__version__"]
