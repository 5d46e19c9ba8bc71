"""The manifest for Kubernetes."""

from pathlib import Path

from tfmodels.serving.config.manifests import IMAGE, MOUNT, flag_lines, in_comment
from tfmodels.serving.protocol.metrics import METRICS_PATH

_KUBERNETES = """\
# kubectl apply -f {path}
# Validated against the schema of Kubernetes 1.37 (`kubernetes-validate --strict`); not run on a cluster. The flags were
# checked against the server's source code.
# The claim `saved-models` must exist, with the folder of exports in it. Several pods read it: its access mode is
# ReadOnlyMany or ReadWriteMany. New versions in it are found within a second, changes of models.config within a minute.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: tensorflow-serving
  labels: {{app.kubernetes.io/name: tensorflow-serving}}
spec:  # no `replicas`: the HorizontalPodAutoscaler below sets them
  selector:
    matchLabels: {{app.kubernetes.io/name: tensorflow-serving}}
  strategy:
    rollingUpdate: {{maxUnavailable: 0, maxSurge: 1}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: tensorflow-serving}}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "8501"
        prometheus.io/path: {metrics}
    spec:
      terminationGracePeriodSeconds: 60
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile: {{type: RuntimeDefault}}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{app.kubernetes.io/name: tensorflow-serving}}
      containers:
        - name: serving
          image: {image}
          command: ["tensorflow_model_server"]
          args:
            - --port=8500
            - --rest_api_port=8501
{flags}
          ports:
            - {{name: grpc, containerPort: 8500}}
            - {{name: rest, containerPort: 8501}}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {{drop: [ALL]}}
          resources:  # an idle server, and each model twice: a new version is loaded beside the old one. Requests take
            requests: {{cpu: "1", memory: {memory}Mi}}  # more: measure with `tfmodels benchmark serve`
            limits: {{memory: {most}Mi}}
          volumeMounts:
            - {{name: saved-models, mountPath: {mount}, readOnly: true}}
          startupProbe:  # the ports open when every model is loaded
            tcpSocket: {{port: rest}}
            periodSeconds: 5
            failureThreshold: 60
          readinessProbe:  # the HTTP status is always 200: the script reads the state in the response
            exec:
              command: ["bash", "{mount}/serving/ready.sh"]
            periodSeconds: 10
            timeoutSeconds: 5
          livenessProbe:  # patient: a server whose threads are all busy must not be started anew
            grpc: {{port: 8500}}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 12
      volumes:
        - name: saved-models
          persistentVolumeClaim: {{claimName: saved-models, readOnly: true}}
---
apiVersion: v1
kind: Service
metadata:
  name: tensorflow-serving
  labels: {{app.kubernetes.io/name: tensorflow-serving}}
spec:
  selector: {{app.kubernetes.io/name: tensorflow-serving}}
  ports:
    - {{name: grpc, port: 8500, targetPort: grpc}}
    - {{name: rest, port: 8501, targetPort: rest}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: tensorflow-serving
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: tensorflow-serving}}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {{type: Utilization, averageUtilization: 70}}  # of what the container requests
  behavior:
    scaleDown: {{stabilizationWindowSeconds: 300}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: tensorflow-serving
spec:
  minAvailable: 1
  selector:
    matchLabels: {{app.kubernetes.io/name: tensorflow-serving}}
"""


def kubernetes(folder: Path, memory: int) -> str:
    """Formats the manifest: a deployment, a service, an autoscaler and a disruption budget.

    Args:
        folder: The folder of exports, as given.
        memory: MiB that the server needs; twice that is its limit.

    Returns:
        The YAML documents.

    Example:
        `kubernetes(Path("saved_models"), 768)`
    """
    return _KUBERNETES.format(
        path=in_comment(folder, "kubernetes.yaml"),
        image=IMAGE,
        mount=MOUNT,
        metrics=METRICS_PATH,
        flags=flag_lines(12),
        memory=memory,
        most=2 * memory,
    )
