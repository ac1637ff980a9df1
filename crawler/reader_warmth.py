"""Imported by the process that readers are forked from, so that a new reader is warm at once.

Rules and dictionaries are loaded here once, and their memory is shared by all readers of a crawl.
"""

import gc

from pipelines.reading import warm_up

gc.disable()  # what is loaded here stays
warm_up()
# A collection writes into every object that it looks at, and what a reader writes to is no longer
# shared: without this each reader's own memory grows at its first full collection.
gc.collect()
gc.freeze()
gc.enable()
