"""How a client gets to a server: headers that identify it, certificates that it trusts, and why it does not arrive."""

import errno
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import grpc

from tfmodels.serving.client.address import Address
from tfmodels.serving.protocol.status import ServingError

ENCRYPTED = ("https", "grpcs")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~\w]+", re.ASCII)
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")

_REFUSED = "connection refused; start one with `tfmodels serve`, or check host and port"
_NO_HOST = "no such host"


@dataclass(frozen=True)
class Access:
    """What a client shows and trusts.

    Args:
        headers: Name -> value, sent with each request; over gRPC as metadata.
        ca_file: A file in PEM with the certificates of the authorities to trust; None for those of the system.

    Raises:
        ValueError: If a header is none.

    Example:
        `Access({"Authorization": "Bearer 123"}, "ca.pem")`
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | Path | None = None

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                # The value may be a secret.
                raise ValueError(f"Expected a header of one line in ASCII, name and value. Received: {name[:100]!r}")

    def check(self, address: Address) -> None:
        """Refuses certificates for an address without encryption.

        Args:
            address: The address.

        Raises:
            ValueError: If it has none.
        """
        if self.ca_file is not None and address.scheme not in ENCRYPTED:
            raise ValueError(
                f"Expected https:// or grpcs:// with ca_file. Received: {address.scheme}://{address.host}, which is "
                "not encrypted"
            )

    def tls(self) -> ssl.SSLContext:
        """The settings of an encrypted connection.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it has no certificates.
        """
        self.certificates()
        return ssl.create_default_context(cafile=self.ca_file)

    def certificates(self) -> bytes | None:
        """The certificates to trust, in PEM; None for those of the system.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it has no certificates.
        """
        if self.ca_file is None:
            return None
        if not Path(self.ca_file).is_file():
            raise FileNotFoundError(f"Expected a file of certificates. Received: ca_file={self.ca_file}")
        try:
            ssl.create_default_context(cafile=self.ca_file)
        except ssl.SSLError as error:
            raise ValueError(
                f"Expected certificates in PEM, -----BEGIN CERTIFICATE-----. Received: ca_file={self.ca_file} ({error})"
            ) from None
        return Path(self.ca_file).read_bytes()


OPEN = Access()


class UnreachableError(ServingError):
    """There is no server, or none to trust: to try again is of no use.

    Args:
        address: The address.
        reason: Why, and what to do.
    """

    def __init__(self, address: Address, reason: str) -> None:
        message = f"Expected a server at {address.scheme}://{address.host}. Received: {reason}"
        super().__init__(grpc.StatusCode.UNAVAILABLE, message)


def rest_failure(address: Address, error: aiohttp.ClientConnectorError) -> ServingError:
    """Explains why a connection over REST failed.

    Args:
        address: The address.
        error: The error of the library.

    Returns:
        The error to raise.
    """
    if isinstance(error, aiohttp.ClientSSLError):
        return UnreachableError(address, _untrusted(str(error.__cause__ or error)))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UnreachableError(address, _NO_HOST)
    reason = error.os_error
    # Of a name with several addresses, such as localhost, there is an error that quotes theirs.
    if reason.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(reason):
        return UnreachableError(address, _REFUSED)
    return ServingError(grpc.StatusCode.UNAVAILABLE, str(error))


def grpc_failure(address: Address, code: grpc.StatusCode, details: str) -> ServingError:
    """Explains why a call over gRPC failed.

    Args:
        address: The address.
        code: The code of the library or the server.
        details: Its message.

    Returns:
        The error to raise.
    """
    if code is grpc.StatusCode.UNAVAILABLE:
        if "Connection refused" in details:
            return UnreachableError(address, _REFUSED)
        if "DNS resolution failed" in details or "Domain name not found" in details:
            return UnreachableError(address, _NO_HOST)
        if "SSL" in details:
            return UnreachableError(address, _untrusted(details))
    return ServingError(code, details or code.name)


def _untrusted(details: str) -> str:
    return f"no certificate to trust, name its authority's as ca_file, or no encryption there ({details[:300]})"
