"""Rows, transactions, tenancy and migrations. SQL of a business table never belongs here."""
