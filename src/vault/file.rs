//! A plan as a file.

use super::own::{Mode, replace};
use crate::error::{Error, Result};
use crate::model::{Plan, PlanItem};
use std::path::Path;

const SCHEMA: &str = "lifeboat.plan/1";

/// BLAKE3 over every item, 64 hex digits: the same items have the same one.
pub fn fingerprint(items: &[PlanItem]) -> String {
    let mut hasher = blake3::Hasher::new();
    for item in items {
        // The items are plain data whose JSON cannot fail; if it did, the fingerprint would match nothing.
        let json = serde_json::to_vec(item).unwrap_or_default();
        hasher.update(&(json.len() as u64).to_le_bytes());
        hasher.update(&json);
    }
    hasher.finalize().to_hex().to_string()
}

impl Plan {
    /// Reads a plan; one that was changed by hand, or is of another version, is refused.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|e| Error::io("cannot read the plan", path, e))?;
        let no_plan = |e| Error::usage("this is no plan").at(path).because(e).hint("`lifeboat plan -o FILE` makes one.");
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(no_plan)?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {}
            other => {
                let found = other.unwrap_or("none");
                return Err(Error::usage(format!("this is no {SCHEMA} (its schema: {found})")).at(path).hint("Make the plan again."));
            }
        }
        let plan: Self = serde_json::from_value(value).map_err(no_plan)?;
        if fingerprint(&plan.items) != plan.fingerprint {
            let hint = "Make the plan again with a narrower selection instead of editing it.";
            return Err(Error::refused("the plan was changed: its fingerprint does not match its items").at(path).hint(hint));
        }
        Ok(plan)
    }

    /// Writes a plan, for this user alone.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|e| Error::io("cannot write the plan", path, e.into()))?;
        json.push(b'\n');
        replace(path, &json, Mode::Private)
    }
}
