"""Where the console pages of organization are kept, and places where other add-ons may add."""

from __future__ import annotations

from kernel.web.pages import Pages

OUTLET_FRAGMENTS = "organization.outlet"  # fragments on the page of an outlet, with outlet_id
PLACES = "organization.places"  # tabs beside outlets
PEOPLE = "organization.people"  # tabs beside cashiers and users
SETTINGS = "organization.settings"  # tabs of the settings

VIEW = "organization.view"
MANAGE = "organization.manage"
ACCESS = "organization.manage_access"

PAGES = Pages("organization", places=(OUTLET_FRAGMENTS, PLACES, PEOPLE, SETTINGS))
