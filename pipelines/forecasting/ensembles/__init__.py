"""Several forecasters exported as one."""
