"""A thin client of Ostiary: the messages of `ostiary.v1` in and out, errors as one exception."""

from __future__ import annotations

from ostiary.client.client import Client
from ostiary.client.errors import CallError, FieldViolation
from ostiary.client.services import Services

__all__ = ["CallError", "Client", "FieldViolation", "Services"]
