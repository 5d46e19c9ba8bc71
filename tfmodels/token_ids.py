"""The reserved token ids, the same in all text models of this package."""

PAD = 0  # padding, on the right
UNK = 1  # a token outside the vocabulary
START = 2  # `<s>`: the first input of a decoder
END = 3  # `</s>`: the last token of a sequence
