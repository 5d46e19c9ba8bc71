"""The development server: the REST and gRPC interfaces of TensorFlow Serving."""
