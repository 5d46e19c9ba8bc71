"""What the synthetic paragraphs tell of people; see `question_words`."""

from pipelines.sources.synthetic.question_words import Relation

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
