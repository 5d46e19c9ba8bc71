"""Small files under the names that the documentation uses."""

import json
import random
from datetime import datetime, timedelta
from pathlib import Path

_WORDS = {"dog": "Hund", "cat": "Katze", "runs": "rennt", "sleeps": "schläft", "house": "Haus", "snow": "Schnee"}
_OPINIONS = {"5": ["fine", "lovely", "great"], "1": ["dull", "awful", "poor"]}
_QUESTIONS = {"HUM": "Who wrote", "LOC": "Where is", "NUM": "How many are in"}


def write(folder: Path) -> None:
    """Writes them all.

    Args:
        folder: Where the commands will run.
    """
    draw = random.Random(1)
    _write_texts(folder, draw)
    _write_documents(folder, draw)
    _write_series(folder, draw)
    _write_labels(folder, draw)
    _write_ratings(folder, draw)
    _write_measurements(folder, draw)
    _write_questions(folder, draw)


def _write_texts(folder: Path, draw: random.Random) -> None:
    pairs = [[" ".join(draw.choices(list(_WORDS), k=draw.randint(2, 6))) for _ in range(400)]]
    pairs.append([" ".join(_WORDS[word] for word in text.split()) for text in pairs[0]])
    tabbed = "".join(f"{source}\t{target}\n" for source, target in zip(*(side[:40] for side in pairs), strict=True))
    for place in ("my/texts", "multi30k/tok"):
        (folder / place).mkdir(parents=True)
        for language, texts in zip(("en", "de"), pairs, strict=True):
            _lines(folder / place / f"train.{language}", texts)
    (folder / "other.tsv").write_text(f"en\tde\n{tabbed}", encoding="utf-8")
    (folder / "pairs.tsv").write_text(f"text\ttarget\n{tabbed}", encoding="utf-8")
    (folder / "pairs.txt").write_text(tabbed, encoding="utf-8")
    _lines(folder / "texts.en", pairs[0][:40])
    _lines(folder / "documents.txt", pairs[0][:10])
    _lines(folder / "texts.csv", ["number,text", *(f"{number},{text}" for number, text in enumerate(pairs[0][:20]))])
    _lines(folder / "rows.jsonl", [json.dumps({"text": text}) for text in pairs[0][:20]])
    (folder / "parts").mkdir()
    for number in range(2):
        _lines(folder / f"parts/{number}.csv", ["text", *pairs[0][10 * number : 10 * number + 10]])


def _write_documents(folder: Path, draw: random.Random) -> None:
    (folder / "my/documents").mkdir()
    rows = []
    for number in range(400):
        event, day = draw.choice(list(_WORDS)), draw.choice(["Monday", "Friday"])
        document = f"They met on {day}. Report {number} is about the {event}. Nothing else is known."
        rows.append(json.dumps({"document": document, "summary": f"{event}, report {number}"}))
    _lines(folder / "my/documents/train.jsonl", rows)


def _write_series(folder: Path, draw: random.Random) -> None:
    start, rows = datetime(2024, 1, 26), []
    for region, kind in (("north", "town"), ("south", "port")):
        for hour in range(1200):
            load = 100 + 20 * (hour % 24 > 7) + draw.gauss(0, 3)
            rows.append((start + timedelta(hours=hour), region, f"{load:.1f}", int(hour % 168 > 143), hour % 30, kind))
    header = "hour,region,load,holiday,temperature,kind"
    table = [",".join(map(str, row)) for row in rows]
    _lines(folder / "load.csv", [header, *table])
    history = [row for row in rows if row[0] >= start + timedelta(hours=900)]
    future = [(start + timedelta(hours=1200 + step), region, "", 0, step, kind)
              for region, kind in (("north", "town"), ("south", "port")) for step in range(24)]  # fmt: skip
    _lines(folder / "history.csv", [header, *(",".join(map(str, row)) for row in sorted([*history, *future]))])
    _lines(
        folder / "my.csv", ["day,sold", *(f"{start.date() + timedelta(days=day)},{20 + day % 7}" for day in range(400))]
    )


def _write_labels(folder: Path, draw: random.Random) -> None:
    (folder / "my/reviews").mkdir(parents=True)
    rows = [(number, draw.choice(words), stars) for number in range(150) for stars, words in _OPINIONS.items()]
    train = [f"the {number}th was a {word} film,{stars}" for number, word, stars in rows]
    test = [f"what a {word} play on day {number},{stars}" for number, word, stars in rows[:80]]
    _lines(folder / "my/reviews/train.csv", ["review,stars", *train])
    _lines(folder / "my/reviews/test.csv", ["review,stars", *test])
    _lines(folder / "new.csv", ["review", "a fine film", "a poor one"])
    (folder / "trec").mkdir()
    for split, count in (("train", 150), ("test", 30)):
        asked = [
            (label, f"{start} number {draw.randrange(10**6)} ?")
            for _ in range(count)
            for label, start in _QUESTIONS.items()
        ]
        _lines(folder / f"trec/TREC.{split}.all", [" ".join(row) for row in asked])


def _write_measurements(folder: Path, draw: random.Random) -> None:
    rows, labels = [], []
    for stay in range(150):
        died = stay % 3 == 0
        rows += [f"{stay},0,age,{draw.randint(40, 90)}", f"{stay},0,sex,{draw.choice('FM')}"]
        rows += [f"{stay},{hour},HR,{draw.gauss(80 + 30 * died, 9):.1f}" for hour in range(draw.randint(3, 9))]
        labels.append(f"{stay},{int(died)},{draw.randint(2, 30)}")
    _lines(folder / "events.csv", ["stay_id,hours,variable,value", *rows])
    _lines(folder / "labels.csv", ["stay_id,died,length_of_stay", *labels])


def _write_ratings(folder: Path, draw: random.Random) -> None:
    rows = []
    for user in range(60):
        first = draw.randrange(20)
        for step in range(14):
            device = "tv" if step % 3 else "phone"
            rows.append(f"{user},film {(first + step) % 20},{draw.choice('345')},2024-01-{step + 1:02d},{device}")
    _lines(folder / "ratings.csv", ["user_id,movie_id,rating,date,device", *rows])
    for name, numbers in (("films.csv", range(20)), ("new.csv", range(20, 24))):
        films = [f"film {one},A {draw.choice(list(_WORDS))} of {one},{1980 + one},{'ab'[one % 2]}" for one in numbers]
        _lines(folder / name, ["movie_id,title,year,genre", *films])
    users = [f"{user},{draw.randint(18, 80)},{draw.choice('FM')}" for user in range(50)]
    _lines(folder / "users.csv", ["user_id,age,gender", *users])


def _write_questions(folder: Path, draw: random.Random) -> None:
    (folder / "my/questions").mkdir()
    for split, count in (("train", 120), ("dev", 30), ("test", 30)):
        articles = []
        for number in range(count):
            one, other = draw.sample(list(_WORDS), 2)
            context = f"The {one} of {split} {number} is white. It has a {other}."
            places = {"What is white?": one, "What has it?": other}
            asked = [
                {
                    "id": f"{split}-{number}-{place}",
                    "question": question,
                    "answers": [{"text": answer, "answer_start": context.index(answer)}],
                }
                for place, (question, answer) in enumerate(places.items())
            ]
            articles.append({"title": f"{split} {number}", "paragraphs": [{"context": context, "qas": asked}]})
        content = json.dumps({"version": "1.1", "data": articles})
        (folder / f"my/questions/{split}.json").write_text(content, encoding="utf-8")


def _lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
