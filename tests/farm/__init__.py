"""Tests: farm."""
