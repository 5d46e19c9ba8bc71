"""Export of functions as a SavedModel for TensorFlow Serving: endpoints, checks, versions, loading."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.export.checks.check_export import check as check
    from tfmodels.export.checks.finding import Finding as Finding
    from tfmodels.export.checks.parity import check_parity as check_parity
    from tfmodels.export.checks.sample_rows import hard_texts as hard_texts
    from tfmodels.export.endpoint import Endpoint as Endpoint
    from tfmodels.export.graph.field import Field as Field
    from tfmodels.export.graph.signature import Signature as Signature
    from tfmodels.export.loading import Export as Export
    from tfmodels.export.loading import load as load
    from tfmodels.export.runners.session_runner import SessionRunner as SessionRunner
    from tfmodels.export.saving import save as save

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
