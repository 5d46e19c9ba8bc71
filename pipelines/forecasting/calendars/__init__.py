"""What the calendar says of each step: cycles and how much of them a frequency carries, and holidays."""
