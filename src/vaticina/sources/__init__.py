"""Where time series live: collections of documents, behind one port."""

from vaticina.sources.collections import Collections, Document, Information, Server

__all__ = ["Collections", "Document", "Information", "Server"]
