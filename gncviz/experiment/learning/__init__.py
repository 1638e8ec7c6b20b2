"""Networks on data, one setting whole: regions in the plane, the learning curve, both descents."""

from gncviz.experiment.learning.result import Learned, Stage
from gncviz.experiment.learning.run import run_learning

__all__ = ["Learned", "Stage", "run_learning"]
