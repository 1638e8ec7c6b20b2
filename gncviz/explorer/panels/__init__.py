"""The pieces of the page that are made of widgets."""
