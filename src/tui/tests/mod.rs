//! Tests of the interface: sentences about updates, and frames.

mod commands;
mod fixture;
mod frames;
mod plan;
mod random;
mod tree;
