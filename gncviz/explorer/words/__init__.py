"""What the page says: pure functions from results to text."""
