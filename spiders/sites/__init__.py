"""Readers for sites that need one of their own."""
