"""What is remembered between calls: tokens seen, cards shown, feedback. No names, no tokens."""
