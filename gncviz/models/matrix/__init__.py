"""Matrix sensing and completion: the paper's tasks."""
