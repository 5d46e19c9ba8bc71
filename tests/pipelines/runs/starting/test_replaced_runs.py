"""Runs that are made, replaced and given up, killed at each call of the system that changes a folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.runs import registry

# Kills what is given as an argument one call later each time, from the same state, and prints what is left.
KILLING = """
import json, os, shutil, signal, sys
from pathlib import Path

from pipelines import runs
from pipelines.runs import registry

task, action = sys.argv[1:]
config = registry.find(task).Config
old, new = config(mark="old"), config(mark="new")

def dying(call, last, calls=[0]):
    def counted(*arguments, **options):
        calls[0] += 1
        if calls[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return counted

def prepare(run):
    (run.assets / "prepared").write_text(run.config.mark)

def replace():
    run = runs.create(task, new, "one", overwrite=True)
    prepare(run)
    runs.commit(run)

def give_up():
    run = runs.create(task, new, "one", overwrite=True)
    prepare(run)
    runs.rollback(run)

def change():  # the options of a run without results
    prepare(runs.create(task, new, "one"))

for last in range(1, 300):
    shutil.rmtree("runs", ignore_errors=True)
    run = runs.create(task, old, "one")
    prepare(run)
    if action != "change":
        (run.path / "results").write_text("old")
    child = os.fork()
    if not child:
        for name in ("mkdir", "fsync", "rename", "replace", "unlink", "rmdir"):
            setattr(os, name, dying(getattr(os, name), last))
        {"replace": replace, "give_up": give_up, "change": change}[action]()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    from pipelines.runs.starting import replaced_runs
    replaced_runs.tidy(Path("runs/one"))
    found = runs.load("one", task)
    read = lambda name: (found.path / name).read_text() if (found.path / name).exists() else None
    print(json.dumps([found.config.mark, read("assets/prepared"), read("results")]))
    assert not [path for path in found.path.rglob("*") if "unfinished" in path.name]
    if not status:
        break
"""


@pytest.mark.parametrize("action", ["replace", "give_up", "change"])
def test_a_kill_at_any_moment_leaves_the_old_run_or_the_new_one(shout, action):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", KILLING, shout, action], capture_output=True, text=True, env=environment
    )
    assert not done.returncode, done.stderr
    states = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(states) > 5
    old = ["old", "old", None if action == "change" else "old"]
    for mark, prepared, results in states:
        if mark == "old":
            assert [mark, prepared, results] == old or (action == "change" and prepared is None)
        else:
            assert (prepared, results) in ((None, None), ("new", None))
    assert states[0] == old
    assert states[-1] == (old if action == "give_up" else ["new", "new", None])


def test_a_run_that_is_a_link_is_replaced_and_what_it_leads_to_is_kept(shout):
    config = registry.find(shout).Config()
    first = runs.create(shout, config, "one")
    first.path.rename("elsewhere")
    first.path.symlink_to(Path("elsewhere").resolve())
    for _ in range(2):  # the second finds what the first has left
        runs.commit(runs.create(shout, config, "one", overwrite=True))
        assert [path.name for path in Path("runs").iterdir()] == ["one"] and not first.path.is_symlink()
    assert Path("elsewhere/config.yaml").is_file()
