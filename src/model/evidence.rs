//! Why a file has its class.

use super::Class;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::PathBuf;

/// One fact behind a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The rule that looked, as `room/name` (`cowork/plugin-copies`).
    pub rule: Cow<'static, str>,
    /// What it found, as a short sentence; also what could not be told.
    pub says: Cow<'static, str>,
}

impl Evidence {
    /// A fact, and the rule that found it.
    pub fn new(rule: impl Into<Cow<'static, str>>, says: impl Into<Cow<'static, str>>) -> Self {
        Self { rule: rule.into(), says: says.into() }
    }
}

/// What must still be true at the moment a thing is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Proof {
    /// This other name holds the same inode.
    SameInode {
        /// The name in the user's own folder.
        #[serde(with = "super::json_path::exact")]
        copy: PathBuf,
    },
    /// This other file holds the same bytes.
    SameBytes {
        /// The file in the user's own folder.
        #[serde(with = "super::json_path::exact")]
        copy: PathBuf,
        /// BLAKE3 of both, 64 hex digits.
        blake3: String,
    },
    /// This other file holds the same bytes, packed with zstd.
    Packed {
        /// The packed file: beside the thing, or where lifeboat keeps its own.
        #[serde(with = "super::json_path::exact")]
        copy: PathBuf,
        /// BLAKE3 of the thing and of what the packed file holds, 64 hex digits.
        blake3: String,
    },
    /// This file or folder is what the thing is made from again.
    Recipe {
        /// The lock file, manifest or source it comes back from.
        #[serde(with = "super::json_path::exact")]
        path: PathBuf,
    },
}

/// A class with everything that speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The class.
    pub class: Class,
    /// The facts, the deciding one first.
    pub evidence: Vec<Evidence>,
    /// How a rebuildable or flushed thing is had again, in words.
    pub comes_back: Option<Cow<'static, str>>,
    /// What is checked again right before a move.
    pub proof: Option<Proof>,
}

impl Verdict {
    /// At risk, with one reason.
    pub fn at_risk(rule: impl Into<Cow<'static, str>>, says: impl Into<Cow<'static, str>>) -> Self {
        Self { class: Class::AtRisk, evidence: vec![Evidence::new(rule, says)], comes_back: None, proof: None }
    }
}

/// The place of a verdict in the catalogue's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerdictId(pub u32);
