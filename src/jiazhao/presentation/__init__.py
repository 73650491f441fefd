"""Presenting a licence: asking, checking, and reporting to the person who checks."""
