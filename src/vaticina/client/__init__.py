"""Talking to a server over HTTP, whoever runs it; nothing of a server's insides is known here."""
