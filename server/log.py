"""What a server tells its operator on stderr: a line for each event, as a sentence or as a JSON object.

An event has a name and members, such as the id of a query, that a machine need not read out of the sentence.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_logger = logging.getLogger("opdkg")


def set_up(*, as_json: bool) -> None:
    """Have all that this process logs, whichever library says it, written in one of the two ways."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonFormatter() if as_json else _SentenceFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _logger.setLevel(logging.INFO)


def tell(event: str, sentence: str, **members: object) -> None:
    """Tell of something that an operator may want to know, and need not do anything about."""
    _logger.info(sentence, extra={"event": event, "members": members})


def warn(event: str, sentence: str, **members: object) -> None:
    """Tell of something that an operator should look at."""
    _logger.warning(sentence, extra={"event": event, "members": members})


def fail(event: str, sentence: str, error: Exception, **members: object) -> None:
    """Tell of an error that nobody has foreseen, with its traceback."""
    _logger.error(sentence, exc_info=error, extra={"event": event, "members": members})


class _SentenceFormatter(logging.Formatter):
    """One line, whatever is in it; behind that the traceback of what nobody has foreseen."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"opdkg: {' '.join(record.getMessage().split())}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", record.name),
            "message": record.getMessage(),
            **getattr(record, "members", {}),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)
