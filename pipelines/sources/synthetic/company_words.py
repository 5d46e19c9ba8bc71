"""What the synthetic paragraphs tell of companies; see `question_words`."""

from pipelines.sources.synthetic.question_words import Relation

COMPANIES = {
    "founder": Relation(
        "person",
        (
            "{e} was set up by {v}.",
            "{e} goes back to an idea of {v}.",
            "The first shop of {e} belonged to {v}.",
            "{e} owes its existence to {v}.",
        ),
        (
            "Who founded {e}?",
            "Who is the founder of {e}?",
            "Which person started {e}?",
            "By whom was {e} established?",
        ),
    ),
    "head": Relation(
        "person",
        (
            "{e} is managed by {v}.",
            "{e} has {v} at its top.",
            "The director of {e} is {v}.",
            "{e} does what {v} decides.",
        ),
        (
            "Who leads {e}?",
            "Who is the head of {e}?",
            "Which person is the boss of {e}?",
            "By whom is {e} run?",
        ),
    ),
    "seat": Relation(
        "town",
        (
            "{e} is based in {v}.",
            "{e} has its main building in {v}.",
            "The headquarters of {e} are in {v}.",
            "{e} is registered in {v}.",
        ),
        (
            "Where is the seat of {e}?",
            "Which town is {e} at home in?",
            "In what place is the head office of {e}?",
            "From where is {e} directed?",
        ),
    ),
    "store": Relation(
        "town",
        (
            "{e} keeps its stock in {v}.",
            "{e} rents a warehouse in {v}.",
            "The goods of {e} are stored in {v}.",
            "{e} loads its lorries in {v}.",
        ),
        (
            "Where are the products of {e} kept?",
            "Which town is the depot of {e} in?",
            "In what place is the storehouse of {e}?",
            "From where does {e} send out its goods?",
        ),
    ),
    "start": Relation(
        "year",
        (
            "{e} was set up in {v}.",
            "{e} opened its first shop in {v}.",
            "The story of {e} starts in {v}.",
            "{e} has been in business since {v}.",
        ),
        (
            "When was {e} founded?",
            "How long has {e} existed, since which year?",
            "What is the founding year of {e}?",
            "In which year did {e} begin?",
        ),
    ),
    "strike": Relation(
        "year",
        (
            "{e} stood still during a strike in {v}.",
            "{e} saw its workers walk out in {v}.",
            "The workers of {e} refused to work in {v}.",
            "{e} had its gates blocked by angry staff in {v}.",
        ),
        (
            "When was there a strike at {e}?",
            "In which year did the staff of {e} strike?",
            "When did a labour dispute stop {e}?",
            "What was the year of the walkout at {e}?",
        ),
    ),
    "product": Relation(
        "thing",
        (
            "{e} makes {v}.",
            "{e} fills the shops with {v}.",
            "The factory of {e} turns out {v}.",
            "{e} lives on {v}.",
        ),
        (
            "What does {e} produce?",
            "What are the products of {e}?",
            "Which goods are manufactured by {e}?",
            "What can one buy from {e}?",
        ),
    ),
    "staff": Relation(
        "number",
        (
            "{e} has {v} employees.",
            "{e} gives work to {v} people.",
            "The payroll of {e} has {v} names.",
            "{e} employs {v} men and women.",
        ),
        (
            "How many people work for {e}?",
            "How large is the staff of {e}?",
            "What is the number of workers at {e}?",
            "How many persons does {e} pay?",
        ),
    ),
    "turnover": Relation(
        "amount",
        (
            "{e} sold goods for {v} last year.",
            "{e} took in {v} in twelve months.",
            "The yearly sales of {e} come to {v}.",
            "{e} reports a turnover of {v}.",
        ),
        (
            "How much does {e} sell?",
            "What is the revenue of {e}?",
            "How high are the receipts of {e}?",
            "How much money do customers give {e}?",
        ),
    ),
    "debt": Relation(
        "amount",
        (
            "{e} owes its bank {v}.",
            "{e} has borrowed {v}.",
            "The loans of {e} amount to {v}.",
            "{e} still has to pay back {v}.",
        ),
        (
            "How much debt does {e} have?",
            "What are the debts of {e}?",
            "How large is the credit of {e}?",
            "How much does {e} have to return to lenders?",
        ),
    ),
}
