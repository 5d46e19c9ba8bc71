import shlex
import subprocess

import kubernetes_validate
import pytest
import yaml

from pipelines.runs.machines import job_files, lost_machine

WORDS = ["fit", "translation", "--data", 'it\'s $(x) "q"', "--run", "Grüße 1"]


@pytest.fixture
def files(tmp_path):
    return {path.name: path for path in job_files.write(tmp_path / "a job", "Deep_Model!", 3, WORDS)}


def test_the_manifest_is_valid_and_names_each_pod(files):
    service, job = yaml.safe_load_all(files["kubernetes.yaml"].read_text())
    for document in (service, job):
        kubernetes_validate.validate(document, "1.37", strict=True)
    name = job["metadata"]["name"]
    assert name == "deep-model"
    pod = job["spec"]["template"]["spec"]
    assert pod["subdomain"] == service["metadata"]["name"] == name
    assert service["spec"]["selector"] == {"batch.kubernetes.io/job-name": name}
    assert service["spec"]["clusterIP"] == "None"
    assert job["spec"]["completions"] == job["spec"]["parallelism"] == 3
    arguments = pod["containers"][0]["args"]
    port = pod["containers"][0]["ports"][0]["containerPort"]
    hosts = ",".join(f"{name}-{index}.{name}:{port}" for index in range(3))
    assert arguments[-4:] == ["--workers", hosts, "--worker", "$(JOB_COMPLETION_INDEX)"]
    assert [word.replace("$$(", "$(") for word in arguments[:-4]] == WORDS
    failing = [rule for rule in job["spec"]["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    assert lost_machine.STATUS not in failing[0]["onExitCodes"]["values"]


def test_the_script_runs_the_command_again_only_after_a_loss(files, tmp_path):
    subprocess.run(["bash", "-n", files["slurm.sh"]], check=True)
    asked = tmp_path / "asked"
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for statuses, expected in (([75, 137, 0], 0), ([75, 2, 0], 2)):
        asked.write_text("")
        script = f'printf "%s\\0" "$@" >> {asked}; printf "\\n" >> {asked}\nset -- {" ".join(map(str, statuses))}\n'
        script += f"shift $(($(wc -l < {asked}) - 1)); exit $1"
        (bin_ / "srun").write_text(f"#!/bin/bash\n{script}\n")
        (bin_ / "srun").chmod(0o755)
        done = subprocess.run(["bash", files["slurm.sh"]], env={"PATH": f"{bin_}:/usr/bin:/bin"}, capture_output=True)
        assert done.returncode == expected
        lines = asked.read_text().splitlines()
        assert len(lines) == statuses.index(expected) + 1
        assert lines[0].split("\0")[:-1] == ["--kill-on-bad-exit=1", "tfmodels", *WORDS]


def test_the_pools_of_vertex_are_a_chief_and_the_others(files):
    pools = yaml.safe_load(files["vertex.yaml"].read_text())["workerPoolSpecs"]
    assert [pool["replicaCount"] for pool in pools] == [1, 2]
    for pool in pools:
        assert pool["containerSpec"]["args"] == WORDS
        assert shlex.split(pool["containerSpec"]["command"][2]) == [
            *["cd", "/mnt/nfs/work", "&&", "exec", "tfmodels", "$@"]
        ]


def test_one_machine_needs_no_job(tmp_path):
    with pytest.raises(ValueError, match=r"at least 2. Received: --workers 1"):
        job_files.write(tmp_path, "one", 1, WORDS)
