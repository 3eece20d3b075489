"""The signature of the software: which files it consists of, who signed them, whether they still are so."""
