"""Runs: folders, configs, reports and predictions, and the registry of tasks."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from pipelines.runs.command_lines import command_line as command_line
    from pipelines.runs.run_creation import check as check
    from pipelines.runs.run_creation import create as create
    from pipelines.runs.run_creation import folder as folder
    from pipelines.runs.run_creation import free_name as free_name
    from pipelines.runs.run_folders import ROOT as ROOT
    from pipelines.runs.run_folders import Run as Run
    from pipelines.runs.run_folders import has_results as has_results
    from pipelines.runs.run_folders import is_trained as is_trained
    from pipelines.runs.run_folders import load as load
    from pipelines.runs.run_folders import locate as locate
    from pipelines.runs.run_folders import write as write
    from pipelines.runs.starting.replaced_runs import commit as commit
    from pipelines.runs.starting.replaced_runs import rollback as rollback

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
