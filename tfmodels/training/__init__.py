"""Training: options, strategy, train step, optimizer, schedules, batches, checkpoints."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from tfmodels.training.checkpoints import Checkpoints as Checkpoints
    from tfmodels.training.checkpoints import is_started as is_started
    from tfmodels.training.checkpoints import restore_best as restore_best
    from tfmodels.training.copy_weights_by_name import copy_weights as copy_weights
    from tfmodels.training.copy_weights_by_name import weights_by_name as weights_by_name
    from tfmodels.training.data.batches import Batches as Batches
    from tfmodels.training.data.generator_dataset import generator_dataset as generator_dataset
    from tfmodels.training.data.generator_dataset import without_autotune as without_autotune
    from tfmodels.training.data.series_rows import Series as Series
    from tfmodels.training.data.series_rows import SeriesRows as SeriesRows
    from tfmodels.training.data.subword_resampling import SubwordResampling as SubwordResampling
    from tfmodels.training.data.token_batches import TokenBatches as TokenBatches
    from tfmodels.training.data.token_rows import TokenRows as TokenRows
    from tfmodels.training.data.window_batches import WindowBatches as WindowBatches
    from tfmodels.training.data.windows import Windows as Windows
    from tfmodels.training.devices.child_process import run_in_child as run_in_child
    from tfmodels.training.devices.cluster import Cluster as Cluster
    from tfmodels.training.devices.cluster import from_platform as from_platform
    from tfmodels.training.devices.cluster import join as join
    from tfmodels.training.devices.strategy import barrier as barrier
    from tfmodels.training.devices.strategy import replicas as replicas
    from tfmodels.training.devices.strategy import scope as scope
    from tfmodels.training.fitting import fit as fit
    from tfmodels.training.fitting import plan as plan
    from tfmodels.training.fitting import validate as validate
    from tfmodels.training.optimization.copy_loss import copy_cross_entropy as copy_cross_entropy
    from tfmodels.training.optimization.divergences import sigmoid_divergence as sigmoid_divergence
    from tfmodels.training.optimization.divergences import softmax_divergence as softmax_divergence
    from tfmodels.training.optimization.losses import smoothed_cross_entropy as smoothed_cross_entropy
    from tfmodels.training.optimization.objective import Objective as Objective
    from tfmodels.training.optimization.optimizers import AdamW as AdamW
    from tfmodels.training.optimization.precision import dtype_policy as dtype_policy
    from tfmodels.training.optimization.r_drop import RDrop as RDrop
    from tfmodels.training.optimization.schedules import InverseSquareRoot as InverseSquareRoot
    from tfmodels.training.options import Options as Options
    from tfmodels.training.search.batch_budget import BatchMeasurement as BatchMeasurement
    from tfmodels.training.search.batch_budget import BatchTrial as BatchTrial
    from tfmodels.training.search.batch_budget import try_batch_budgets as try_batch_budgets
    from tfmodels.training.search.batch_measurement import measure_batches as measure_batches
    from tfmodels.training.search.learning_rate_range import LearningRateRange as LearningRateRange
    from tfmodels.training.search.learning_rate_range import find_learning_rate as find_learning_rate
    from tfmodels.training.trainer import Trainer as Trainer

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_exports(__name__, __file__)
