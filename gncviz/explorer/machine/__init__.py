"""What a page does to the machine that it runs on, with others beside it."""
