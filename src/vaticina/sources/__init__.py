"""Where time series live: collections of documents, behind one port."""

from vaticina.sources.collections import CollectionInfo, Collections, Document, ServerInfo

__all__ = ["CollectionInfo", "Collections", "Document", "ServerInfo"]
