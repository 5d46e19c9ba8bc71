"""Events of users and items: read, filtered, put in order and split."""
