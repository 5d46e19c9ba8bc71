"""What clients and servers exchange: predict messages as JSON and protocol buffers, error codes, metrics."""
