//! Test cases and their loader.
