"""Letters of scripts that put no blanks between words, such as Chinese: a run of them is no word."""

import re

# Thai and Lao; Burmese; Khmer; kana; Chinese characters, also of Japanese; extensions of these.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff\u19e0-\u19ff\u3040-\u30ff\u31f0-\u31ff"
    "\uff66-\uff9f\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
