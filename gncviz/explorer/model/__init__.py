"""The state of the page, without any widget."""
