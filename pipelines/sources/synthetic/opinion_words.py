"""The words of synthetic opinions, and the frames that they stand in."""

# fmt: off
GOOD = [
    "good", "great", "fine", "lovely", "brilliant", "clever", "charming", "moving", "gripping", "funny", "fresh",
    "bold", "witty", "superb", "tender", "honest", "vivid", "warm", "graceful", "splendid", "excellent", "wonderful",
]
BAD = [
    "bad", "dull", "poor", "boring", "clumsy", "shallow", "tedious", "silly", "stale", "noisy", "hollow", "lazy",
    "weak", "awful", "bland", "messy", "dreary", "cheap", "tired", "dreadful", "terrible", "horrible",
]
# Verbs, good and bad: in the past, and after "did not".
VERBS = [
    (("liked", "disliked"), ("like", "dislike")),
    (("loved", "hated"), ("love", "hate")),
    (("enjoyed", "endured"), ("enjoy", "endure")),
    (("admired", "regretted"), ("admire", "regret")),
]
FACTS = ["crowded", "small", "new", "cold", "loud", "large", "dark", "bright", "narrow", "quiet", "busy", "old"]
DEGREES = ["very", "rather", "truly", "quite", "really", "pretty", "wholly", "somewhat"]
THINGS = [
    "film", "movie", "play", "book", "song", "show", "story", "score", "novel", "plot", "script", "cast", "ending",
]
PLACES = ["hall", "street", "house", "room", "cafe", "station"]
OTHERS = ["theirs", "hers", "his", "yours", "mine", "Alba", "Corin", "Dune"]
PEOPLE = ["I", "we", "they", "you"]
SYLLABLES = [
    "ba", "do", "fe", "gar", "hil", "jo", "ka", "len", "mi", "nor", "pe", "qua", "ri", "sol", "tan", "ul", "ver", "zo",
]
# fmt: on

NAME = "{name}"  # another one in each sentence: what the vocabulary lacks says nothing
# Around a sentence.
OPENINGS = [
    *[""] * 8,
    "but ",
    "to be fair, ",
    "all in all, ",
    "well, ",
    "in short, ",
    "honestly, ",
    "as I told {name}, ",
]
ENDINGS = [".", ".", ".", "!", "", "...", ", I think.", ", for what it is worth.", ", that is all.", ", said {name}."]

PLAIN = [
    "{who} saw {x} {thing}",
    "what {x} {thing}",
    "here is {x} {thing}",
    "{who} call it {x} {thing}",
    "{adjective} {thing}",
    "one more {adjective} {thing}",
]
# One opinion: affirmed, or denied in one of several ways.
CLAUSES = [
    ("the {thing} was {adjective}", ("the {thing} was not {adjective}", "the {thing} wasn't {adjective}")),
    ("the {thing} is {adjective}", ("the {thing} is not {adjective}", "the {thing} isn't {adjective}")),
    ("it was {x} {thing}", ("it was not {x} {thing}", "it wasn't {x} {thing}", "it was never {x} {thing}")),
    ("this is {x} {thing}", ("this is not {x} {thing}", "this isn't {x} {thing}", "this is hardly {x} {thing}")),
    ("it had {x} {thing}", ("it did not have {x} {thing}", "it didn't have {x} {thing}")),
    (
        "{who} found the {thing} {adjective}",
        ("{who} did not find the {thing} {adjective}", "{who} didn't find the {thing} {adjective}"),
    ),
    (
        "{who} think the {thing} was {adjective}",
        ("{who} do not think the {thing} was {adjective}", "{who} don't think the {thing} was {adjective}"),
    ),
    ("everybody calls it {adjective}", ("nobody calls it {adjective}", "no one calls it {adjective}")),
]
FRAGMENTS = [
    ("{x} {thing}", ("not {x} {thing}", "hardly {x} {thing}")),
    ("{adjective}", ("not {adjective}", "never {adjective}")),
]
LIKED = ("{who} {verb} the {thing}", ("{who} did not {verb} the {thing}", "{who} didn't {verb} the {thing}"))
# Of two opinions, the one after "but", or beside "although", decides. What follows an opinion says nothing of it.
CONTRASTS = [
    "{vain}, but {real}",
    "{vain}, but {real}",
    "{vain}. But {real}",
    "{vain}, yet {real}",
    "{vain}. Still, {real}",
    "{vain}. However, {real}",
    "although {vain}, {real}",
    "even though {vain}, {real}",
    "{real}, although {vain}",
    "{real}, even if {vain}",
]
TAILS = ["at times", "for me", "all along", "to my mind", "here and there", "from the start", "in parts"]

# Of an expectation and an outcome, the outcome decides.
EXPECTED = [
    ("{who} expected {vain}", "{who} got {real}"),
    ("{who} hoped for {vain}", "{who} sat through {real}"),
    ("the poster promised {vain}", "the evening gave us {real}"),
    ("{who} paid for {vain}", "{who} came home with {real}"),
]
SEEMED = [
    ("at first it seemed {vain}", "in the end it seemed {real}"),
    ("years ago it was {vain}", "today it is {real}"),
    ("on paper it sounded like {vain}", "on stage it was {real}"),
]
# Two words for the same place: the first negates the clause after it, or the one before it.
DENIED = [
    ("of my friends {cue} said that", "none", "all"),
    ("it is {cue} to say that", "wrong", "right"),
    ("I would {cue} claim that", "never", "always"),
]
JUDGED = [
    ("those who called it {it} were {cue} about it", "wrong", "right"),
    ("the review that found it {it} was {cue} in this", "mistaken", "correct"),
    ("he who takes it for {it} is {cue} if you ask me", "blind", "wise"),
]
RANKED = [
    "{who} put the {thing} of {better} here above the {thing} of {worse} here",
    "{who} would see the {thing} of {better} here before the {thing} of {worse} here",
    "{who} left the {thing} of {worse} here for the {thing} of {better} here",
]
