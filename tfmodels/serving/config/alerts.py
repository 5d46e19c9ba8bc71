"""Rules for Prometheus: what to be told of a server, with thresholds to start from."""

ALERTS = """\
# Rules for Prometheus, to start from: set each threshold to what your clients need.
# Validated by promtool 2.42, and run by Prometheus 2.42 with the development server; not run with TensorFlow Serving.
groups:
  - name: tensorflow-serving
    rules:
      - alert: ServerDown
        expr: up{job="tensorflow-serving"} == 0
        for: 1m
        annotations: {summary: "{{ $labels.instance }} does not answer the scrape."}
      - alert: ServerErrors  # the server's fault: 1 % of the requests of a model
        expr: >-
          sum by (model_name)
          (rate(:tensorflow:serving:request_count{status=~"INTERNAL|UNKNOWN|DEADLINE_EXCEEDED"}[5m]))
          / sum by (model_name) (rate(:tensorflow:serving:request_count[5m])) > 0.01
        for: 5m
        annotations: {summary: "{{ $labels.model_name }}: {{ $value | humanizePercentage }} of the requests fail."}
      - alert: Overload  # refused because a queue was full
        expr: >-
          sum by (model_name)
          (rate(:tensorflow:serving:request_count{status=~"UNAVAILABLE|RESOURCE_EXHAUSTED"}[5m])) > 0
        for: 1m
        annotations: {summary: "{{ $labels.model_name }} refuses {{ $value | humanize }} requests a second."}
      - alert: ClientErrors  # a client sends what the model does not take: 10 % of the requests
        expr: >-
          sum by (model_name) (rate(:tensorflow:serving:request_count{status=~"INVALID_ARGUMENT|NOT_FOUND"}[5m]))
          / sum by (model_name) (rate(:tensorflow:serving:request_count[5m])) > 0.1
        for: 15m
        annotations: {summary: "{{ $labels.model_name }}: {{ $value | humanizePercentage }} of the requests are wrong."}
      - alert: SlowAnswers  # microseconds
        expr: >-
          histogram_quantile(0.95, sum by (model_name, le) (rate(:tensorflow:serving:request_latency_bucket[5m]))) > 1e6
        for: 10m
        annotations: {summary: "{{ $labels.model_name }}: one answer in twenty takes longer than a second."}
      - alert: LongQueue  # microseconds
        expr: >-
          sum by (model_name) (rate(:tensorflow:serving:batching_session:queuing_latency_sum[5m]))
          / sum by (model_name) (rate(:tensorflow:serving:batching_session:queuing_latency_count[5m])) > 2e5
        for: 10m
        annotations: {summary: "{{ $labels.model_name }}: requests wait 0.2 s for a batch. Start more servers."}
"""
