"""Imported by the process that readers are forked from, so that a new reader is warm at once.

Rules and dictionaries are loaded here once, and their memory is shared by all readers of a crawl.
"""

from crawler.crawl_process import warm_up_reader

warm_up_reader()
