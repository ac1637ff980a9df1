"""Robots.txt for every request, also for those that wait while it is fetched."""

from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Request
from scrapy.robotstxt import RobotParser


class RobotsRule(RobotsTxtMiddleware):
    """Scrapy's middleware, with one answer for all that ask while robots.txt is under way.

    There, whoever waits second is handed what the first made of the answer, which is nothing, and
    nothing counts as allowed (Scrapy 2.19.0).
    """

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, once they are known; None where there are none."""
        await super().robot_parser(request)
        known = self._parsers[urlsplit(request.url).netloc]
        return known if isinstance(known, RobotParser) else None
