"""tlkit: an interactive teaching kit for transfer learning, on Keras 3.

Importing this package loads neither TensorFlow nor Keras; its modules do, when they are imported.
"""

import logging

# At its first import on a machine matplotlib says so, which Jupyter shows as a red box.
logging.getLogger("matplotlib.font_manager").addFilter(
    lambda record: "building the font cache" not in record.getMessage()
)

__version__ = "0.1.0"
__all__ = ["__version__"]
