"""Access that can be proved: the matrix, leaks between companies, what logs keep."""
