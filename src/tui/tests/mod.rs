//! Tests of the interface: sentences about updates, and frames.

mod commands;
pub mod fixture;
mod frames;
mod lists;
mod plan;
mod random;
mod reader;
mod seek;
mod three;
mod tools;
mod tree;
