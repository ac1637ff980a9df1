"""A refused address told apart from a name that has none."""

from urllib.parse import urlsplit

from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Request

from crawler.net_guard import GuardedResolver, RefusedAddressError


class RefusalMiddleware:
    """Raises `RefusedAddressError` where the resolver refused the address that a name led to."""

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Scrapy calls this with whatever came of a request instead of a response."""
        if not isinstance(exception, CannotResolveHostError):
            return
        host = urlsplit(request.url).hostname or ""
        if host in GuardedResolver.refused:
            raise RefusedAddressError(f"{host} leads to an address that is not public")
