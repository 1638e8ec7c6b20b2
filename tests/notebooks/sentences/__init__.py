"""What the notebooks say, cell by cell: a module a notebook, a function a cell.

A function has the name of the cell, and is called in the notebook's own kernel right after it, with
the cell's text and the notebook's names. It looks a phrase up, so that nobody changes it alone, and
asserts what the phrase claims.
"""
