"""A small S3-compatible store on loopback: what adwatch asks of one, and failures on demand."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class S3Server:
    """Objects by path, in memory; counts what was put. `down` answers 503."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.keys: set[str] = set()
        self.down = False
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                store.puts.append(self._name())
                if not store.down:
                    store.objects[self._name()] = data
                self._say(503 if store.down else 200)

            def do_HEAD(self) -> None:
                self._say_object(with_body=False)

            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                if "list-type" in asked:
                    self._say(200, store.listing(self._name(), asked))
                else:
                    self._say_object(with_body=True)

            def _name(self) -> str:
                credential = self.headers.get("Authorization", "").partition("Credential=")[2]
                store.keys.add(credential.partition("/")[0])
                return unquote(urlsplit(self.path).path).strip("/")

            def _say_object(self, *, with_body: bool) -> None:
                data = store.objects.get(self._name())
                if store.down or data is None:
                    self._say(503 if store.down else 404)
                else:
                    self._say(200, data, with_body=with_body)

            def _say(self, status: int, data: bytes = b"", *, with_body: bool = True) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
                self.send_header("ETag", '"0"')
                self.end_headers()
                if with_body:
                    self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def listing(self, bucket: str, asked: dict[str, list[str]]) -> bytes:
        prefix = asked.get("prefix", [""])[0]
        folders, rows = set(), []
        for path, data in sorted(self.objects.items()):
            name = path.removeprefix(f"{bucket}/")
            rest = name.removeprefix(prefix)
            if not name.startswith(prefix):
                continue
            if "delimiter" in asked and "/" in rest:
                folders.add(f"{prefix}{rest.partition('/')[0]}/")
                continue
            rows.append(
                f"<Contents><Key>{escape(name)}</Key><Size>{len(data)}</Size><ETag>0</ETag>"
                "<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>"
            )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>"
            for one in sorted(folders)
        )
        said = f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(rows)}{common}"
        return f"{said}</ListBucketResult>".encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
