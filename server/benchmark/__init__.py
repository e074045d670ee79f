"""The server beside its peers, on the same data in the same run: ``opdkg bench``."""
