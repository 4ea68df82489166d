"""tlkit: an interactive teaching kit for transfer learning, on Keras 3.

Importing this package loads neither TensorFlow nor Keras; its modules do, when they are imported.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
