"""A loopback site for the speed benchmarks: many distinct pages, served as fast as Python can."""

import asyncio
import multiprocessing
import random
import socket
from multiprocessing.connection import Connection

WORDS = [
    "清浦",
    "县城",
    "市场",
    "学校",
    "居民",
    "公园",
    "河道",
    "项目",
    "会议",
    "服务",
    "社区",
    "交通",
    "建设",
    "企业",
    "农业",
    "合作",
    "技术",
    "培训",
    "活动",
    "现场",
    "记者",
    "介绍",
    "今年",
    "以来",
    "积极",
    "推进",
    "工作",
    "群众",
    "办理",
    "方便",
    "环境",
    "改善",
    "产业",
    "发展",
    "增长",
    "计划",
    "完成",
    "工程",
    "道路",
    "绿化",
    "医院",
    "老人",
    "孩子",
    "志愿",
    "节日",
    "文化",
    "图书",
    "阅读",
    "健康",
    "运动",
    "比赛",
    "收获",
    "粮食",
    "蔬菜",
    "水果",
    "价格",
    "稳定",
    "供应",
    "安全",
    "检查",
    "提醒",
    "注意",
    "天气",
]
PROMOTION = "本公司面向社会开放认购，一万元起，月息两分，到期还本付息，保本保息，名额有限，加微信 qingpu_{n} 咨询。"


def page(number: int, suspect_share: float = 0.01) -> bytes:
    """Page `number`: about 20 KB of article, navigation, side boxes and footer; always the same."""
    rng = random.Random(number)

    def sentence() -> str:
        return "".join(rng.choices(WORDS, k=rng.randint(8, 16))) + "。"

    paragraphs = ["".join(sentence() for _ in range(rng.randint(3, 6))) for _ in range(22)]
    if rng.random() < suspect_share:
        paragraphs.insert(5, PROMOTION.format(n=number))
    body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
    links = "".join(
        f'<li><a href="/p/{rng.randint(0, 10**6)}">{sentence()}</a></li>' for _ in range(30)
    )
    nav = "".join(f'<a href="/c/{i}">{word}</a>' for i, word in enumerate(WORDS[:14]))
    title = f"{sentence()[:18]}{number}"
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{title}_清浦网</title>'
        f'<meta name="publishdate" content="2026-11-{number % 20 + 1:02}"><style>body{{margin:0}}</style>'
        f"</head><body><div class=nav>{nav}</div><div class=main><h1>{title}</h1>"
        f'<div class="info">2026-11-{number % 20 + 1:02} 10:12 来源：清浦网</div>'
        f'<div class="content">{body}</div></div><div class="side"><h3>相关阅读</h3><ul>{links}</ul></div>'
        f'<div class="footer">清浦网 版权所有 清ICP备00000000号 <script>var t={number};</script></div></body></html>'
    ).encode()


class _Server(asyncio.Protocol):
    pages = 0
    base = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            self.answer(head.split(b" ", 2)[1].decode())

    def answer(self, path: str) -> None:
        status, kind = b"200 OK", b"text/html"
        if path.startswith("/p/"):
            body = CACHE.get(path) or CACHE.setdefault(path, page(int(path[3:])))
        elif path == "/sitemap.xml":
            kind = b"application/xml"
            urls = "".join(f"<url><loc>{self.base}/p/{n}</loc></url>" for n in range(self.pages))
            body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
        else:
            status, body = b"404 Not Found", b""
        self.transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b"
            % (status, kind, len(body), body)
        )


CACHE: dict[str, bytes] = {}


def _serve(pages: int, warm: int, pipe: Connection) -> None:
    for number in range(min(pages, warm)):
        CACHE[f"/p/{number}"] = page(number)

    async def run() -> None:
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        port = listening.getsockname()[1]
        _Server.pages, _Server.base = pages, f"http://127.0.0.1:{port}"
        server = await asyncio.get_running_loop().create_server(_Server, sock=listening)
        pipe.send(port)
        await server.serve_forever()

    asyncio.run(run())


class LoopbackSite:
    """Serves `pages` distinct pages in a process of its own; a context manager that gives its base."""

    def __init__(self, pages: int, warm: int = 2_500) -> None:
        self._pages, self._warm = pages, warm

    def __enter__(self) -> str:
        ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(
            target=_serve, args=(self._pages, self._warm, theirs), daemon=True
        )
        self._process.start()
        return f"http://127.0.0.1:{ours.recv()}"

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
