"""The three views of the page, each built when it is first seen."""
