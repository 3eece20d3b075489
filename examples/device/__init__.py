"""A reference device: keeps the goods of its register in one SQLite file, equal to the server's."""
