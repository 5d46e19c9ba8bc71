"""Irregular measurements of entities, such as patients or machines: read, checked, put in order and split."""
