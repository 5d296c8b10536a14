"""Databases of time series: collections of documents in MongoDB or in a SQLite file, behind one protocol."""

from vaticina.sources.collections import CollectionInfo, Collections, Document, ServerInfo

__all__ = ["CollectionInfo", "Collections", "Document", "ServerInfo"]
