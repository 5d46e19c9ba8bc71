"""Files that start a training on several machines: for Kubernetes, Slurm and Vertex AI."""

import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from pipelines.runs.machines.lost_machine import STATUS
from tfmodels import whole_files

_PORT = 2222
_LONGEST = 40  # characters of a name
_IMAGE = "tfmodels"  # that of the Dockerfile
_KUBERNETES = """\
# kubectl apply -f {file}
# Validated against the schema of Kubernetes 1.37 (`kubernetes-validate --strict`); not run on a cluster.
# The claim `runs` must exist, with the data in it: all machines share it (ReadWriteMany). The image is that of the
# Dockerfile. A lost machine ends the others with status {status}, and all start again; wrong options or data end the
# job.
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{batch.kubernetes.io/job-name: {name}}}
  ports:
    - {{name: workers, port: {port}}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  completionMode: Indexed
  completions: {count}
  parallelism: {count}
  backoffLimit: {attempts}
  podFailurePolicy:
    rules:
      - action: Ignore
        onPodConditions: [{{type: DisruptionTarget}}]
      - action: FailJob
        onExitCodes: {{containerName: worker, operator: In, values: [1, 2]}}
  template:
    spec:
      subdomain: {name}
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {{runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: worker
          image: {image}
          workingDir: /work
          command: ["tfmodels"]
          args:
{arguments}
          ports:
            - {{containerPort: {port}}}
          securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
          resources:  # more for larger models and batches: `tfmodels fit TASK --dry_run` estimates them
            requests: {{cpu: "2", memory: 4Gi}}
            limits: {{memory: 8Gi}}
          volumeMounts:
            - {{name: runs, mountPath: /work}}
      volumes:
        - name: runs
          persistentVolumeClaim: {{claimName: runs}}
"""
_SLURM = """\
#!/bin/bash
# sbatch {file}
# Its syntax is checked (`bash -n`); not run on a cluster. Submit it in a folder that all machines share.
#SBATCH --job-name={name}
#SBATCH --nodes={count}
#SBATCH --ntasks-per-node=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={name}-%j.log
for attempt in $(seq {attempts}); do
  echo "attempt $attempt"
  srun --kill-on-bad-exit=1 {command}
  status=$?
  # {status}: a machine was lost; above 128: one was killed. All start again, and go on from the last evaluation.
  if [ "$status" != {status} ] && [ "$status" -le 128 ]; then break; fi
done
exit "$status"
"""
_VERTEX = """\
# gcloud ai custom-jobs create --region=REGION --display-name={name} --config={file}
# Fields as documented; neither validated by the service nor run. Replace IMAGE, and SERVER and PATH by a file share
# that all machines mount. Vertex AI tells each machine of the others in TF_CONFIG.
workerPoolSpecs:
"""
_POOL = """\
  - replicaCount: {count}
    machineSpec: {{machineType: n1-standard-8}}
    nfsMounts: [{{server: SERVER, path: PATH, mountPoint: work}}]
    containerSpec:
      imageUri: IMAGE
      command: ["sh", "-c", "cd /mnt/nfs/work && exec tfmodels \\"$@\\"", "tfmodels"]
      args:
{arguments}
"""
_ATTEMPTS = 20


def write(folder: Path, name: str, count: int, command: Sequence[str]) -> list[Path]:
    """Writes a file for each platform.

    Args:
        folder: Where.
        name: Of the job; letters, digits and hyphens of it are kept.
        count: Number of machines, at least 2.
        command: The words after `tfmodels` that train, without `--workers`.

    Returns:
        The files.

    Raises:
        ValueError: There are fewer machines.

    Example:
        `write(Path("job"), "deep", 4, ["fit", "translation", "--run", "deep"])`
    """
    if count < 2:
        raise ValueError(f"Expected --write_job with the number of machines, at least 2. Received: --workers {count}")
    name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST].strip("-") or "training"
    hosts = ",".join(f"{name}-{index}.{name}:{_PORT}" for index in range(count))
    of_kubernetes = [word.replace("$(", "$$(") for word in command]
    of_kubernetes += ["--workers", hosts, "--worker", "$(JOB_COMPLETION_INDEX)"]
    shared = {"name": name, "count": count, "attempts": _ATTEMPTS, "status": STATUS, "port": _PORT, "image": _IMAGE}
    kubernetes, slurm, vertex = (folder / one for one in ("kubernetes.yaml", "slurm.sh", "vertex.yaml"))
    pools = [_POOL.format(count=size, arguments=_listed(command, 8)) for size in (1, count - 1)]
    texts = {
        kubernetes: _KUBERNETES.format(**shared, file=_in_comment(kubernetes), arguments=_listed(of_kubernetes, 12)),
        slurm: _SLURM.format(**shared, file=_in_comment(slurm), command=shlex.join(["tfmodels", *command])),
        vertex: _VERTEX.format(**shared, file=_in_comment(vertex)) + "".join(pools),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        whole_files.write(path, text)
    return list(texts)


def _listed(words: Sequence[str], indent: int) -> str:
    """The words as a list in YAML, each quoted as JSON does."""
    return "\n".join(f"{' ' * indent}- {json.dumps(word)}" for word in words)


def _in_comment(path: Path) -> str:
    """A path in a comment: quoted for a shell, in one line."""
    return shlex.quote(str(path)).replace("\n", " ").replace("\r", " ")
