"""What the tests of this folder share: small options, and requests."""

from tfmodels import training
from tfmodels.models import TransformerEventOptions

STEPS = training.Options(
    steps=40, interval=20, batch_tokens=512, learning_rate=0.02, warmup_steps=5, label_smoothing=0.0, ema_decay=0.0
)
SMALL = TransformerEventOptions(
    num_layers=1, d_model=8, num_heads=2, feed_forward_dim=8, dropout=0.0, event_dropout=0.0
)
TEXTS = [",Age,54;,sex,F;0,HR,80;1.5,HR,125;2,Rhythm,af", "0,nobody measures it,3", "", "0,HR,80;3,HR,82;3,fever,"]
NAMES = {"labels_file": "labels.csv", "labels": "died", "score_columns": "severity", "static_variables": "Age,sex"}
