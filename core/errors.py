"""The exceptions of adwatch, drawn as one tree."""


class AdwatchError(Exception):
    """Whatever adwatch raises on purpose; its text names the place and the fix."""


class ConfigError(AdwatchError):
    """The configuration cannot be used.

    `faults` holds one line a fault: `file:line:col id.field: what is wrong, what is allowed`.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class RulebookError(AdwatchError):
    """A rule record breaks the rulebook's promises; the text names file, rule and field."""


class StorageError(AdwatchError):
    """The database cannot be used as it is: unreachable, or at another migration."""


class BusyStorageError(StorageError):
    """The database did not get to it: locked, restarting, out of reach; trying again can help."""


class EvidenceError(AdwatchError):
    """Evidence bytes or records are not what was written."""


class LookError(AdwatchError):
    """An address that a person asked about cannot be watched as it is; the text says why."""


class ReadingError(AdwatchError):
    """A page's bytes cannot be read as the kind of page they claim to be."""


class DeliveryError(AdwatchError):
    """A channel did not take a message; `permanent` tells whether trying again can help."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class LockedError(AdwatchError):
    """Another process holds what this one needs."""


class BusyHostError(LockedError):
    """Another crawl is asking the same host."""
