import tensorflow_datasets as tfds

from pipelines.sources.events import event_data
from pipelines.sources.events.event_form import Form, Limits
from pipelines.sources.faults import Faults


def test_ratings_of_films_are_read(mocked):
    """With random cells: the times are random whole numbers, which only order them."""
    name = "movielens/100k-ratings"
    with mocked(name, "train"):
        data = event_data.read(f"tfds:{name}", Form(time_format="order"), Limits(), Faults("error"))
        rows = list(tfds.load(name, split="train").as_numpy_iterator())
    expected = {}
    for row in sorted(rows, key=lambda row: row["timestamp"]):
        expected.setdefault(row["user_id"].decode(), []).append(row["movie_id"].decode())
    of = data.sequences.events
    users = enumerate(of.users.to_pylist())
    assert expected == {name: [of.items[int(item)].as_py() for item in data.sequences.of(user)] for user, name in users}
    assert "columns: user 'user_id', item 'movie_id', time 'timestamp'" in data.notes
