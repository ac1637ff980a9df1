"""Pictures of a page: found, fetched, read apart from the crawl, and judged with the page."""
