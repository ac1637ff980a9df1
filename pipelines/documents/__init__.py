"""Documents that people put into a folder: PDF, Word, spreadsheets, lists and saved pages.

Each module reads one kind into `Passages`; all of it happens in a reader process, which has a
memory limit and a clock.
"""
