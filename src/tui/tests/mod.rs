//! Tests of the interface: sentences about updates, and frames.

mod fixture;
mod tree;
