"""The demo town: a small web of invented sites on loopback that `adwatch demo` crawls."""
