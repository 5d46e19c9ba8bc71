"""What is known of items: their features, and those of them that training has not."""
