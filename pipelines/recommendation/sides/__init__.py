"""What is known of events beside their items."""
