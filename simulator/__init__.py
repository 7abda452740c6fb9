"""Stands in for every outside service of Frontdesk, over HTTP only; imports no other app."""
