"""Tests of the demo's life."""
