"""Clinical series: risks from measurements at irregular times."""
