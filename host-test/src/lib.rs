//! Hosts for the built guests.
