"""Stand-ins for the smart terminals that shops in Kazakhstan own: Kaspi Smart POS, and Halyk or Jusan."""
