"""The ids that mean the same in every text model of this package."""

PAD = 0  # fills a row on the right
UNK = 1  # a piece outside the vocabulary
START = 2  # `<s>`: the first input of a decoder
END = 3  # `</s>`: the last token of a text
