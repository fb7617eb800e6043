//! Folders made by a package manager: with the lock that makes them again, and without.

use super::bytes::{hex, noise};
use super::home::{Home, after};
use crate::error::Result;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::path::Path;

const PACKAGES: [(&str, &str); 8] = [
    ("preact", "10.24.3"),
    ("vite", "5.4.10"),
    ("esbuild", "0.21.5"),
    ("rollup", "4.24.3"),
    ("postcss", "8.4.47"),
    ("nanoid", "3.3.7"),
    ("picocolors", "1.1.1"),
    ("@preact/signals", "1.3.0"),
];

fn entry(name: &str, version: &str) -> Value {
    let file = name.rsplit('/').next().unwrap_or(name);
    json!({
        "version": version,
        "resolved": format!("https://registry.npmjs.org/{name}/-/{file}-{version}.tgz"),
        "integrity": format!("sha512-{}{}==", hex(name, 43), hex(version, 43)),
    })
}

/// `node_modules` with its `package.json`, both locks, and every package's own `package.json`.
pub(super) fn node(home: &mut Home, project: &Path, when: Timestamp) -> Result<()> {
    let wanted = json!({"preact": "^10.24.0", "@preact/signals": "^1.3.0", "vite": "^5.4.0"});
    let manifest = json!({"name": "web-shop", "version": "0.1.0", "private": true, "scripts": {"dev": "vite"}, "dependencies": wanted});
    let mut packages = Map::new();
    for (name, version) in PACKAGES {
        packages.insert(format!("node_modules/{name}"), entry(name, version));
    }
    let hidden = json!({"name": "web-shop", "version": "0.1.0", "lockfileVersion": 3, "requires": true, "packages": packages});
    let root = json!({"name": "web-shop", "version": "0.1.0", "dependencies": wanted});
    let locked: Map<String, Value> = std::iter::once((String::new(), root)).chain(packages).collect();
    let lock = json!({"name": "web-shop", "version": "0.1.0", "lockfileVersion": 3, "requires": true, "packages": locked});
    home.put(&project.join("package.json"), pretty(&manifest).as_bytes(), when)?;
    home.put(&project.join("package-lock.json"), pretty(&lock).as_bytes(), after(when, 30))?;
    let modules = project.join("node_modules");
    for (name, version) in PACKAGES {
        let folder = modules.join(name);
        let own = json!({"name": name, "version": version, "license": "MIT", "main": "dist/index.js"});
        home.put(&folder.join("package.json"), pretty(&own).as_bytes(), after(when, 10))?;
        home.put(&folder.join("dist").join("index.js"), &noise(name, 9000), after(when, 10))?;
        home.put(&folder.join("README.md"), format!("# {name}\n").as_bytes(), after(when, 10))?;
    }
    let size = if home.bulk == 0 { 20_000 } else { 96_000_000 };
    home.sparse(&modules.join("esbuild").join("bin").join("esbuild"), b"\x7fELF", size, after(when, 10))?;
    home.link(&modules.join(".bin").join("vite"), Path::new("../vite/dist/index.js"), after(when, 20))?;
    home.put(&modules.join(".package-lock.json"), pretty(&hidden).as_bytes(), after(when, 30))
}

/// A `node_modules` nobody can make again: no lock, patched by hand.
pub(super) fn node_without_lock(home: &mut Home, project: &Path, when: Timestamp) -> Result<()> {
    let modules = project.join("node_modules");
    home.put(&modules.join("old-slider").join("index.js"), &noise("old slider", 7000), when)?;
    home.put(&modules.join("old-slider").join("PATCHED-BY-HAND.md"), b"The fix for the touch bug is only here.\n", after(when, 900))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
