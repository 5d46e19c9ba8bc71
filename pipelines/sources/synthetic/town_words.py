"""What the synthetic paragraphs tell of towns; see `question_words`."""

from pipelines.sources.synthetic.question_words import Relation

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
