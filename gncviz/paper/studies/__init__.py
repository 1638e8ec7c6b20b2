"""What the paper leaves open, studied: sweeps, a stored table, a figure, two sentences each."""

from __future__ import annotations

from gncviz.paper.studies.gd_trains import GD_TRAINS
from gncviz.paper.studies.large_matrices import LARGE_MATRICES
from gncviz.paper.studies.measurements import MEASUREMENTS_STUDY
from gncviz.paper.studies.networks_on_data import NETWORKS_ON_DATA
from gncviz.paper.studies.rank_depth import RANK_DEPTH
from gncviz.paper.studies.relu_depth import RELU_DEPTH
from gncviz.paper.studies.relu_width import RELU_WIDTH
from gncviz.paper.studies.study import Part, Plot, Sentence, Study, run_study
from gncviz.paper.studies.tables import read_study, table_of, write_study
from gncviz.paper.studies.tensors import TENSOR_DEPTH, TENSOR_WIDTH

__all__ = [
    "STUDIES",
    "Part",
    "Plot",
    "Sentence",
    "Study",
    "read_study",
    "run_study",
    "table_of",
    "write_study",
]

#: By name.
STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        RELU_WIDTH,
        RANK_DEPTH,
        RELU_DEPTH,
        MEASUREMENTS_STUDY,
        GD_TRAINS,
        LARGE_MATRICES,
        TENSOR_WIDTH,
        TENSOR_DEPTH,
        NETWORKS_ON_DATA,
    )
}
