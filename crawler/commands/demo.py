"""`adwatch demo`."""

from pathlib import Path

import click


@click.command()
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path),
              default=Path("demo-output"), show_default=True,
              help="Where configuration, database, evidence and digest go.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Forget earlier runs.")
@click.option("--serve", is_flag=True, help="Keep the digest and the town open until Ctrl-C.")
def demo(folder: Path, *, fresh: bool, serve: bool) -> int:
    """Crawl a built-in demo town on loopback and write its digest."""
    from crawler.demo import run_demo  # noqa: PLC0415 (loads everything)

    return run_demo(folder, fresh=fresh, serve=serve)
