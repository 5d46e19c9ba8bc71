"""The words of the synthetic paragraphs and of the questions about them.

A relation is told in one of four sentences and asked for in one of four questions: `{e}` is what it is about, `{v}` the
answer. Several relations of each kind of entity have answers of the same sort, such as three years.
"""

from typing import NamedTuple


class Relation(NamedTuple):
    """What is told of an entity.

    Attributes:
        sort: Sort of the answer: a key of `synthetic_questions.VALUES`.
        sentences: Sentences that tell it.
        questions: Questions that ask for it.
    """

    sort: str
    sentences: tuple[str, str, str, str]
    questions: tuple[str, str, str, str]


JOBS = [
    *("baker", "tailor", "teacher", "painter", "dentist", "gardener", "bridge keeper", "ship's cook", "piano tuner"),
    *("train driver", "map maker", "zoo keeper", "night nurse", "clock mender", "forest guard", "glass blower"),
    *("police officer", "judge", "book seller", "weather forecaster"),
]
QUALITIES = ["old", "blue", "broken", "painted", "tiny", "rare", "heavy", "cheap", "foreign", "hand-made", "striped"]
THINGS = [
    *("maps", "spoons", "lamps", "clocks", "boats", "hats", "stamps", "bells", "carpets", "puppets", "knives", "keys"),
    *("mirrors", "drums", "kites", "bottles"),
]
MATERIALS = ["wood", "copper", "thick glass", "paper", "grey stone", "silver", "red clay", "whale bone"]

PEOPLE = {
    "birth year": Relation(
        "year",
        (
            "{e} was born in {v}.",
            "{e} came into the world in {v}.",
            "The birth of {e} falls in {v}.",
            "{e} has been alive since {v}.",
        ),
        (
            "When was {e} born?",
            "What is the birth year of {e}?",
            "In which year did the life of {e} begin?",
            "Which year is on the birth certificate of {e}?",
        ),
    ),
    "retirement": Relation(
        "year",
        (
            "{e} stopped working in {v}.",
            "{e} retired in {v}.",
            "The last working day of {e} was in {v}.",
            "{e} said goodbye to the other workers in {v}.",
        ),
        (
            "When did {e} give up the job?",
            "Since which year has {e} been a pensioner?",
            "In what year did the career of {e} end?",
            "When did {e} leave working life?",
        ),
    ),
    "wedding": Relation(
        "year",
        (
            "{e} got married in {v}.",
            "{e} found a partner for life in {v}.",
            "The wedding of {e} took place in {v}.",
            "{e} has worn a ring since {v}.",
        ),
        (
            "When did {e} marry?",
            "What was the year of the marriage of {e}?",
            "In which year was {e} a bride or groom?",
            "Which year is the wedding anniversary of {e} counted from?",
        ),
    ),
    "birthplace": Relation(
        "town",
        (
            "{e} was born in {v}.",
            "{e} is a native of {v}.",
            "The cradle of {e} stood in {v}.",
            "{e} comes from {v}.",
        ),
        (
            "Where was {e} born?",
            "What is the birthplace of {e}?",
            "Which town does {e} come from?",
            "In which place did the life of {e} begin?",
        ),
    ),
    "home": Relation(
        "town",
        (
            "{e} lives in {v}.",
            "{e} has a house in {v}.",
            "The address of {e} is in {v}.",
            "{e} settled down in {v}.",
        ),
        (
            "Where is the home of {e}?",
            "What town does {e} live in?",
            "In which place does {e} reside?",
            "To which town are letters for {e} sent?",
        ),
    ),
    "workplace": Relation(
        "town",
        (
            "{e} goes to {v} for work.",
            "{e} has an office in {v}.",
            "The workshop of {e} is in {v}.",
            "{e} is employed in {v}.",
        ),
        (
            "Where does {e} work?",
            "What town is the job of {e} in?",
            "In which place is {e} on working days?",
            "Which town does {e} travel to each morning?",
        ),
    ),
    "job": Relation(
        "job",
        (
            "{e} works as a {v}.",
            "{e} earns money as a {v}.",
            "By trade {e} is a {v}.",
            "{e} has been a {v} for years.",
        ),
        (
            "What is the profession of {e}?",
            "What does {e} do for a living?",
            "Which job does {e} have?",
            "What is {e} by occupation?",
        ),
    ),
    "collection": Relation(
        "thing",
        (
            "{e} collects {v}.",
            "{e} has a room full of {v}.",
            "In the attic of {e} there are {v}.",
            "{e} spends each weekend looking for {v}.",
        ),
        (
            "What does {e} collect?",
            "What is the hobby of {e} about?",
            "Which things does {e} gather?",
            "What is {e} a collector of?",
        ),
    ),
    "salary": Relation(
        "amount",
        (
            "{e} earns {v} a month.",
            "{e} is paid {v} each month.",
            "The monthly wages of {e} are {v}.",
            "{e} brings home {v} every month.",
        ),
        (
            "How much does {e} earn?",
            "What is the salary of {e}?",
            "How high is the income of {e}?",
            "What does {e} get for a month of work?",
        ),
    ),
    "rent": Relation(
        "amount",
        (
            "{e} pays {v} for the flat.",
            "{e} owes the landlord {v} a month.",
            "The flat of {e} costs {v}.",
            "{e} rents two rooms for {v}.",
        ),
        (
            "How much is the rent of {e}?",
            "What does {e} pay to live there?",
            "What are the housing costs of {e}?",
            "How much money does the landlord of {e} receive?",
        ),
    ),
}
TOWNS = {
    "foundation": Relation(
        "year",
        (
            "{e} was founded in {v}.",
            "{e} has existed since {v}.",
            "The first house of {e} was built in {v}.",
            "{e} goes back to {v}.",
        ),
        (
            "When was {e} founded?",
            "In which year did the history of {e} begin?",
            "What is the founding year of {e}?",
            "Since when has there been a town called {e}?",
        ),
    ),
    "fire": Relation(
        "year",
        (
            "{e} burnt down in {v}.",
            "{e} lost half its houses to flames in {v}.",
            "The great fire of {e} was in {v}.",
            "{e} had to be rebuilt after the fire of {v}.",
        ),
        (
            "When was {e} on fire?",
            "In which year did {e} burn?",
            "What was the year of the fire in {e}?",
            "When did flames destroy {e}?",
        ),
    ),
    "railway": Relation(
        "year",
        (
            "{e} got a railway station in {v}.",
            "{e} saw its first train in {v}.",
            "The tracks reached {e} in {v}.",
            "{e} has been on the railway map since {v}.",
        ),
        (
            "When did the railway come to {e}?",
            "Since which year can one go to {e} by train?",
            "What year was the station of {e} opened in?",
            "When did the first train stop in {e}?",
        ),
    ),
    "river": Relation(
        "river",
        (
            "{e} lies on {v}.",
            "{e} gets its water from {v}.",
            "The bridges of {e} cross {v}.",
            "{e} was built where boats could land on {v}.",
        ),
        (
            "Which river flows through {e}?",
            "What is the river of {e}?",
            "On which river is {e}?",
            "What water does one cross in {e}?",
        ),
    ),
    "mayor": Relation(
        "person",
        (
            "{e} is governed by {v}.",
            "{e} has chosen {v} as its mayor.",
            "The town hall of {e} is led by {v}.",
            "{e} is in the hands of {v}.",
        ),
        (
            "Who is the mayor of {e}?",
            "Who governs {e}?",
            "Which person runs the town of {e}?",
            "Who is at the head of {e}?",
        ),
    ),
    "poet": Relation(
        "person",
        (
            "{e} is proud of the poet {v}.",
            "{e} gave the world the writer {v}.",
            "The school of {e} is called after the author {v}.",
            "{e} has a statue of {v}, whose poems are known everywhere.",
        ),
        (
            "Which poet does one think of in {e}?",
            "Who from {e} wrote?",
            "Who is the famous author of {e}?",
            "Which writer does {e} remember?",
        ),
    ),
    "trade": Relation(
        "thing",
        (
            "{e} is known for {v}.",
            "{e} sells {v} to all the world.",
            "The market of {e} offers {v}.",
            "{e} became rich with {v}.",
        ),
        (
            "What is {e} famous for?",
            "What do people buy in {e}?",
            "Which goods come from {e}?",
            "What made {e} wealthy?",
        ),
    ),
    "people": Relation(
        "number",
        (
            "{e} has {v} inhabitants.",
            "{e} is home to {v} people.",
            "The last census of {e} counted {v} heads.",
            "{e} grew to {v} citizens.",
        ),
        (
            "How many people live in {e}?",
            "What is the population of {e}?",
            "How large is {e}?",
            "How many residents are there in {e}?",
        ),
    ),
    "visitors": Relation(
        "number",
        (
            "{e} is visited by {v} tourists a year.",
            "{e} welcomes {v} guests every summer.",
            "The hotels of {e} had {v} guests last year.",
            "{e} attracts {v} travellers.",
        ),
        (
            "How many visitors does {e} have?",
            "How many tourists come to {e}?",
            "What is the number of people who travel to {e}?",
            "How many people spend their holidays in {e}?",
        ),
    ),
}
