"""How a connection to MongoDB is made: its time-outs, and an address that DNS resolves."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from tests.sources.wire import MongoServer
from vaticina.sources.mongodb import open_mongodb

CLUSTER, NODE = "cluster0.example.test", "node0.example.test"


def test_every_wait_has_a_time_out_unless_the_url_names_another() -> None:
    async def options(url: str) -> tuple[float | None, ...]:
        collections = open_mongodb(url, "agua")
        client = collections._database().client
        pool = client.options.pool_options
        await client.close()
        return client.options.server_selection_timeout, pool.connect_timeout, pool.socket_timeout

    assert asyncio.run(options("mongodb://127.0.0.1")) == (5.0, 5.0, 20.0)
    assert asyncio.run(options("mongodb://127.0.0.1/?connectTimeoutMS=700")) == (5.0, 0.7, 20.0)


@contextmanager
def name_server(port: int) -> Iterator[int]:
    """The port of a DNS server that knows one cluster, whose only node listens on ``port`` of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                question, caller = listening.recvfrom(4096)
                if not question:
                    return
                listening.sendto(answer(dns.message.from_wire(question), port).to_wire(), caller)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", listening.getsockname())
        thread.join(5)


def answer(question: dns.message.Message, port: int) -> dns.message.Message:
    """What a cluster's own name server says: where its node listens, the node's address, and nothing else."""
    records = {
        (f"_mongodb._tcp.{CLUSTER}.", dns.rdatatype.SRV): f"0 0 {port} {NODE}.",
        (f"{NODE}.", dns.rdatatype.A): "127.0.0.1",
    }
    reply = dns.message.make_response(question, recursion_available=True)
    (asked,) = question.question
    text = records.get((asked.name.to_text(), asked.rdtype))
    if text is not None:
        reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", asked.rdtype, text))
    return reply


@pytest.fixture
def resolved(wire: MongoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Names are asked of ``name_server`` alone, by PyMongo and by the sockets of this process."""
    port = urlsplit(wire.url).port
    assert port is not None
    with name_server(port) as asked:
        for module in (dns.resolver, dns.asyncresolver):
            resolver = module.Resolver(configure=False)
            resolver.nameservers, resolver.port = ["127.0.0.1"], asked
            monkeypatch.setattr(module, "default_resolver", resolver)
        dns.resolver.override_system_resolver()
        yield
        dns.resolver.restore_system_resolver()


@pytest.mark.usefixtures("resolved")
def test_an_address_of_a_cluster_is_resolved(wire: MongoServer) -> None:
    """``mongodb+srv://``, the documented form: DNS tells the node, and MongoDB's own protocol is spoken to it."""
    url, database = f"mongodb+srv://{CLUSTER}/?tls=false", wire.database()

    async def loaded() -> list[str]:
        collections = open_mongodb(url, database)
        try:
            await collections.insert("sensor_data", [{"timestamp": "2024-01-01T00:00:00Z", "value": 23.5}])
            return await collections.names()
        finally:
            await collections.close()

    assert asyncio.run(loaded()) == ["sensor_data"]
