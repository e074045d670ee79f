"""What can go wrong with a query. Each names the limit it ran into, and a client can tell them apart by ``code``."""

from __future__ import annotations

from http import HTTPStatus

from server.problems import BadRequestError, ProblemError


class QuerySyntaxError(BadRequestError):
    """The query is not SPARQL. Members: line and column (from 1) where known, and the parser's own words."""

    code = "query-syntax"


class ServiceRefusedError(BadRequestError):
    """The query would fetch something from elsewhere (SERVICE, LOAD)."""

    code = "federation-refused"


class UpdateRefusedError(ProblemError):
    """The query is an update."""

    status = HTTPStatus.FORBIDDEN
    code = "update-refused"


class ResultTooLargeError(ProblemError):
    """The result grew past ``limitMiB``."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "result-too-large"


class QueryTimeoutError(ProblemError):
    """The query ran into its deadline, of ``limitSeconds`` if it is this server's, and was ended after ``elapsedSeconds``."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "query-timeout"


class QueryMemoryError(ProblemError):
    """The query needed more memory than ``limitMiB``."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "query-memory"


class QueryCrashError(ProblemError):
    """The worker that ran the query ended in a way that no limit explains."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "query-crash"


class EngineBusyError(ProblemError):
    """No worker came free in time, or no room for a result (Retry-After says when to come again), or a server behind has none."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "engine-busy"


class ClientLimitError(ProblemError):
    """The client has used up its share of the workers or of their time; Retry-After says when to come again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "client-limit"


class QueryEndedError(ProblemError):
    """The operator has ended the query."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "query-ended"


class RemoteUnreachableError(ProblemError):
    """There is no connection to the SPARQL server that answers the queries."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "remote-unreachable"


class RemoteFailureError(ProblemError):
    """The SPARQL server that answers the queries has not given an answer that could be passed on."""

    status = HTTPStatus.BAD_GATEWAY
    code = "remote-failure"


class EngineFailureError(ProblemError):
    """The engine, and not the query, is broken."""

    code = "engine-failure"
