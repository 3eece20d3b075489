"""What tests of the kernel and of add-ons stand on.

Databases, a running application, a moved clock. Never imported by production code.
"""
