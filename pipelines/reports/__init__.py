"""The leaders' report and the products beside it: published marts in, HTML and PDF out."""

from pipelines.reports.budget import build_budget
from pipelines.reports.build import build_report
from pipelines.reports.citizens import build_citizens
from pipelines.reports.data_quality import build_data_quality
from pipelines.reports.measurement_plan import build_measurement_plan
from pipelines.reports.pages import build_pages
from pipelines.reports.plan import build_plan
from pipelines.reports.strategy_details import build_strategies

# Every product of a run. Each takes the published marts, the manifest, the catalogue and where to write.
PRODUCTS = (
    build_report,
    build_pages,
    build_budget,
    build_plan,
    build_citizens,
    build_strategies,
    build_measurement_plan,
    build_data_quality,
)

__all__ = [
    "PRODUCTS",
    "build_budget",
    "build_citizens",
    "build_data_quality",
    "build_measurement_plan",
    "build_pages",
    "build_plan",
    "build_report",
    "build_strategies",
]
