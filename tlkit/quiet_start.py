"""Import this before TensorFlow or Keras: it imports both without their start-up lines, as `tlkit.quiet` says.

A package does so in its `__init__`, and its modules can then import Keras as usual.
"""

import tlkit.quiet

tlkit.quiet.quiet_import()
