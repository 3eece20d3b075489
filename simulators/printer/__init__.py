"""A stand-in for a thermal printer on a network: takes ESC/POS on a TCP port and answers about its paper."""
