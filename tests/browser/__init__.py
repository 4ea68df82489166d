"""Tests in a browser: a package, so that server and browser can live as long as its tests."""
