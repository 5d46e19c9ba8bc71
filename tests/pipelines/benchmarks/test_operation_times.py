import tensorflow as tf

from pipelines.benchmarks.operation_times import operation_times


def test_operations_are_counted_and_timed_by_kind():
    x = tf.random.normal([64, 64])

    @tf.function
    def work():
        result = x
        for _ in tf.range(5):
            result = tf.nn.softmax(tf.matmul(result, x))
        return result

    work()
    times = operation_times(lambda: [work() for _ in range(3)])
    calls = {time.kind.removeprefix("_Mkl"): time.calls for time in times}  # oneDNN's operations on some processors
    assert calls["MatMul"] == calls["Softmax"] == 15
    seconds = [time.seconds for time in times]
    assert seconds == sorted(seconds, reverse=True)
    assert min(seconds) >= 0
