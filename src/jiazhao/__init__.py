"""Jiazhao: an electronic driving licence system that a country can run."""
