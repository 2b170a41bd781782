"""Planning: how many, how long, and what a study of that size can find at all.

Means: `power_two_means`, `sample_size_two_means`, `minimum_detectable_means`, and the same for pairs.
Proportions: `power_two_proportions` and its kin. Whole units assigned: `ClusterPlan` with
`minimum_detectable_clusters`, `power_clusters`, `clusters_needed`; `design_effect`. Few units over few years:
`simulated_panel_power`; one person: `simulated_single_case_power`.
"""

from sosrake_lib.effects.power.clusters import (
    ClusterMde,
    ClusterPlan,
    ClustersNeeded,
    clusters_needed,
    design_effect,
    inflated,
    minimum_detectable_clusters,
    power_clusters,
)
from sosrake_lib.effects.power.means import (
    SampleSize,
    change_size,
    minimum_detectable_means,
    minimum_detectable_paired,
    power_paired,
    power_t,
    power_two_means,
    sample_size_paired,
    sample_size_two_means,
)
from sosrake_lib.effects.power.panels import PanelPlan, simulated_panel_power
from sosrake_lib.effects.power.proportions import (
    arcsine_effect,
    minimum_detectable_proportions,
    power_two_proportions,
    sample_size_two_proportions,
)
from sosrake_lib.effects.power.simulation import SimulatedPower, Simulation
from sosrake_lib.effects.power.single_case import SingleCasePlan, simulated_single_case_power

__all__ = [
    "ClusterMde",
    "ClusterPlan",
    "ClustersNeeded",
    "PanelPlan",
    "SampleSize",
    "SimulatedPower",
    "Simulation",
    "SingleCasePlan",
    "arcsine_effect",
    "change_size",
    "clusters_needed",
    "design_effect",
    "inflated",
    "minimum_detectable_clusters",
    "minimum_detectable_means",
    "minimum_detectable_paired",
    "minimum_detectable_proportions",
    "power_clusters",
    "power_paired",
    "power_t",
    "power_two_means",
    "power_two_proportions",
    "sample_size_paired",
    "sample_size_two_means",
    "sample_size_two_proportions",
    "simulated_panel_power",
    "simulated_single_case_power",
]
