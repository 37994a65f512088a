"""Virker: the fixed method that tells a municipality which interventions help."""

__version__ = "0.1.0"
