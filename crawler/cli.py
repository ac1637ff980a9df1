"""The `adwatch` command: names, help, exit codes. Commands are imported when they are called."""

import sys
from importlib import import_module
from typing import Any

import click

EXIT_FAILED_CHECK = 1
EXIT_USAGE = 2
EXIT_CONFIG = 3
EXIT_PARTIAL = 4
EXIT_LOCKED = 5
EXIT_INTERRUPTED = 130

# name: (module, attribute, one line of help). The line stands here so that `--help` loads nothing.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "demo", "Crawl a built-in demo town and write its digest."),
    "init": ("setup", "init", "Write a commented configuration folder."),
    "check": ("setup", "check", "Check configuration and targets, offline."),
    "config": ("setup", "config", "Describe the configuration."),
    "targets": ("targets", "targets", "Work with the configured targets."),
    "crawl": ("crawl", "crawl", "Crawl targets now."),
    "import": ("imports", "import_files", "Take files and folders, once."),
    "serve": ("crawl", "serve", "Run the schedule: crawls and digests."),
    "worker": ("worker", "worker", "Take crawls and rescans from the job queue."),
    "assess": ("assess", "assess", "Judge texts: JSONL in, JSONL out."),
    "eval": ("evaluate", "evaluate", "Measure the classifier on labelled texts."),
    "findings": ("findings", "findings", "List, show, decide and export findings."),
    "digest": ("digest", "digest", "Write a day's digest, and send it."),
    "alerts": ("alerts", "alerts", "Try the channels, look after the outbox."),
    "rules": ("rules", "rules", "List, show and test the rules."),
    "rescan": ("rescan", "rescan", "Judge what is stored by today's rules."),
    "evidence": ("evidence", "evidence", "Verify and export evidence."),
    "retain": ("retain", "retain", "Remove what need not be kept any longer."),
    "backup": ("backup", "backup", "Copy database, evidence and configuration."),
    "restore": ("backup", "restore", "Make an installation from a backup."),
    "db": ("evidence", "db", "Look after the database."),
    "doctor": ("doctor", "doctor", "Check this installation and say how to mend it."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None where there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(f"crawler.commands.{module}"), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 (the table above is ours)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with a suggestion for a misspelt name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 (only on a mistake)

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "folder",
    metavar="DIR",
    default=".",
    envvar="ADWATCH_CONFIG",
    show_envvar=True,
    help="Folder with adwatch.yml and targets/ (default: the current folder).",
)
@click.version_option("0.1.0", prog_name="adwatch")
@click.pass_context
def cli(ctx: click.Context, folder: str) -> None:
    """Find illegal fund-raising advertising on public pages: reasons, law, evidence, digest.

    Data goes to stdout, messages to stderr. Exit codes: 0 ok, 1 findings or failed check,
    2 usage, 3 configuration invalid, 4 partial failure, 5 locked, 130 interrupted.
    """
    ctx.obj = folder


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit code is returned, and raised by the console script."""
    try:
        result: Any = cli.main(args=argv, prog_name="adwatch", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return int(leave.exit_code)
    except click.ClickException as error:
        error.show()
        return int(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has left; there is nobody to complain to
        return EXIT_FAILED_CHECK
    except Exception as error:  # noqa: BLE001 (ours are explained, all others raised again)
        return _explain(error)
    return int(result or 0)


def _explain(error: Exception) -> int:
    from core.errors import AdwatchError, ConfigError, LockedError  # noqa: PLC0415 (on errors only)

    if not isinstance(error, AdwatchError):
        raise error
    click.echo(f"adwatch: {error}" if not isinstance(error, ConfigError) else str(error), err=True)
    match error:
        case ConfigError():
            return EXIT_CONFIG
        case LockedError():
            return EXIT_LOCKED
        case _:
            return EXIT_FAILED_CHECK


if __name__ == "__main__":
    sys.exit(main())
