"""The stages an observation passes, in order."""
