//! Scans of small homes.
