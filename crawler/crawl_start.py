"""What a crawl's process is started with.

Each reader of a crawl imports the main module of its process anew, so this one loads nothing
unless it is run.
"""

import sys

if __name__ == "__main__":
    from crawler.crawl_process import main

    sys.exit(main())
