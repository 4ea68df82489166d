"""Where in an image a model finds its evidence for a class."""

from tlkit_widgets.grad_cam.heat import grad_cam
from tlkit_widgets.grad_cam.widget import GradCam

__all__ = ["GradCam", "grad_cam"]
